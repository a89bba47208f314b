/* SPDX-License-Identifier: BSD-3-Clause */
/* Which segments are kept: the rules K1 … K5 of the thinning, and what is held back for them. */
#ifndef KEEP_H
#define KEEP_H

#include "hello.h"

#define LOCK_ATTEMPTS 256 /* some ten microseconds; a holder needs one */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct flow_key);
	__type(value, struct flow);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct counters);
} interfaces SEC(".maps");

/* Zeroes to begin a flow with: too large for the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct flow);
} blank SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct long_record);
} scratch SEC(".maps");

/* Both directions of a flow may be seen at once on two processors, and socket filters may not
 * use bpf_spin_lock. Nothing preempts a filter (softirqs are off), so that waiting is short.
 */
static __noinline int lock(struct flow *flow)
{
	for (int i = 0; i < LOCK_ATTEMPTS; i++) {
		__u32 seen = *(volatile __u32 *)&flow->lock;

		if (!(seen & 1) && __sync_val_compare_and_swap(&flow->lock, seen, seen + 1) == seen)
			return 1;
	}
	return 0;
}

static __always_inline void unlock(struct flow *flow)
{
	/* The result is asked for: only so it is a full barrier on every machine. */
	__u32 before = __sync_fetch_and_add(&flow->lock, 1);

	asm volatile("" : : "r"(before));
}

/* Put the header into the ring; return how many packets were lost by it: 0 or 1.
 *
 * (All functions that are called here return something that is used: the verifier refuses one
 * that leaves a pointer into its caller's stack where a result would be.)
 */
static __noinline __u32 put(struct record *record, struct counters *counters)
{
	__u64 size = __builtin_offsetof(struct record, data);
	__u32 stored = record->stored;

	size += stored <= HEADER_BYTES ? stored : HEADER_BYTES;
	record->kept = 1;
	if (bpf_ringbuf_output(&packets, record, size, wakeup(&packets, settings.wake_bytes)))
		return 1;
	counters->kept++;
	return 0;
}

static __always_inline __u32 put_late(struct record *record, struct counters *counters)
{
	if (!record->time || record->kept)
		return 0;
	record->late = 1;
	return put(record, counters);
}

/* Copy the header of a segment, with the VLAN tag that the kernel has taken out put back; return
 * the length of it.
 */
static __noinline __u32 load_header(struct __sk_buff *skb, struct record *record, __u32 length)
{
	__u8 *data = record->data;
	__u16 tag[2];

	record->length = skb->len;
	if (length > HEADER_BYTES - TAG_BYTES)
		length = HEADER_BYTES - TAG_BYTES;
	if (!skb->vlan_present || length <= 12)
		return length && !bpf_skb_load_bytes(skb, 0, data, length) ? length : 0;
	tag[0] = skb->vlan_proto;
	tag[1] = swap16(skb->vlan_tci);
	__builtin_memcpy(data + 12, tag, TAG_BYTES);
	if (bpf_skb_load_bytes(skb, 0, data, 12) ||
	    bpf_skb_load_bytes(skb, 12, data + 12 + TAG_BYTES, length - 12))
		return 0;
	record->length += TAG_BYTES;
	return length + TAG_BYTES;
}

/* Put a header and the first ``hello`` bytes of its payload into the ring as one packet. */
static __noinline __u32 put_hello(struct __sk_buff *skb, struct record *record, __u32 offset,
				  __u32 hello, struct counters *counters)
{
	__u32 zero = 0;
	struct long_record *whole = bpf_map_lookup_elem(&scratch, &zero);
	__u32 stored = record->stored;

	record->kept = 1;
	if (!whole || !hello || hello > HELLO_BYTES || stored > HEADER_BYTES)
		return 1;
	__builtin_memcpy(&whole->head, record, sizeof(*record));
	if (bpf_skb_load_bytes(skb, offset, whole->head.data + stored, hello))
		return 1;
	stored += hello;
	whole->head.stored = stored;
	if (bpf_ringbuf_output(&packets, whole, __builtin_offsetof(struct record, data) + stored,
			       wakeup(&packets, settings.wake_bytes)))
		return 1;
	counters->kept++;
	return 0;
}

/* A SYN names its side's stream; one with another number begins a new connection. */
static __always_inline void note_syn(const struct segment *s, struct flow *flow, struct side *mine,
				struct side *peer)
{
	int is_new = !mine->based || mine->strict || mine->base != s->seq + 1;

	if (!(s->flags & ACK)) {
		if (is_new || flow->closed) {
			flow->closed = flow->bareos = flow->asked = flow->answered = 0;
			peer->based = peer->opening = peer->have = peer->seen = 0;
			peer->finished = peer->strict = peer->answer = 0;
			peer->limit = 0;
		}
		flow->initiator = s->side + 1;
	} else {
		flow->initiator = 2 - s->side;
	}
	if (is_new || flow->closed) {
		mine->base = s->seq + 1;
		mine->based = 1;
		mine->strict = mine->opening = mine->have = mine->seen = mine->finished = 0;
		mine->limit = 0;
	}
}

static __always_inline int is_candidate(const struct segment *s, const struct side *mine)
{
	return (s->flags & (SYN | FIN | RST | ACK)) == ACK && s->payload <= 1 && mine->seen &&
	       s->seq == mine->next - 1;
}

/* The silence of ``mine`` ends: what began it, and what its peer said meanwhile, is kept. */
static __noinline __u32 end_silence(struct side *mine, struct side *peer,
				    struct counters *counters)
{
	__u32 lost = put_late(&mine->last, counters);

	if (mine->first.time == mine->last.time)
		mine->first.kept = mine->last.kept;
	lost += put_late(&peer->first, counters);
	if (peer->first.time && peer->first.time == peer->last.time)
		peer->last.kept = 1;
	return lost + put_late(&peer->last, counters);
}

static __always_inline void note_end(const struct segment *s, struct flow *flow, struct side *mine,
				     struct side *peer)
{
	__u32 end = s->seq + s->payload + !!(s->flags & SYN) + !!(s->flags & FIN);

	if (!mine->seen || (__s32)(end - mine->next) > 0)
		mine->next = end;
	mine->seen = 1;
	if (s->flags & FIN)
		mine->finished = 1;
	if (s->flags & RST || (mine->finished && peer->finished))
		flow->closed = 1;
}

/* Make the segment its side's last one. */
static __always_inline void hold(struct __sk_buff *skb, const struct segment *s, struct flow *flow,
			    struct side *mine, __u64 time)
{
	struct record *last = &mine->last;

	last->time = time;
	last->flow = flow->id;
	last->ifindex = s->key.ifindex;
	last->direction = s->direction;
	last->side = s->side;
	last->kept = 0;
	last->late = 0;
	last->stored = load_header(skb, last, s->offset);
}

/* Keep what is to be kept of a segment and of those before it; return how many were lost. */
static __noinline __u32 judge(struct __sk_buff *skb, const struct segment *s, struct flow *flow,
			      struct counters *counters)
{
	struct side *mine = s->side ? &flow->sides[1] : &flow->sides[0];
	struct side *peer = s->side ? &flow->sides[0] : &flow->sides[1];
	__u64 time = bpf_ktime_get_boot_ns();
	int ends, probe, keep, unheard;
	__u32 hello, lost = 0;

	if (time <= mine->last.time)
		time = mine->last.time + 1; /* so that (flow, side, time) names one segment */
	if (s->flags & SYN)
		note_syn(s, flow, mine, peer);
	ends = !mine->last.time || time - mine->last.time >= settings.silence_ns;
	probe = is_candidate(s, mine);
	hello = probe ? 0 : hello_bytes(skb, s, flow, mine);
	/* The first payload within a silence of the peer that has already lasted long enough. */
	unheard = s->payload && !probe && !mine->first.time &&
		  (!peer->last.time || time - peer->last.time >= settings.silence_ns);
	keep = (s->flags & (SYN | FIN | RST)) || probe || mine->answer || ends || unheard || hello;
	if (ends)
		lost = end_silence(mine, peer, counters);
	hold(skb, s, flow, mine, time);
	if (hello)
		lost += put_hello(skb, &mine->last, s->offset, hello, counters);
	else if (keep)
		lost += put(&mine->last, counters);
	if (s->payload && !probe && !mine->first.time)
		__builtin_memcpy(&mine->first, &mine->last, sizeof(mine->first));
	peer->first.time = 0;
	mine->answer = 0;
	peer->answer = probe;
	note_end(s, flow, mine, peer);
	return lost;
}

static __always_inline struct flow *find(const struct flow_key *key)
{
	struct flow *flow = bpf_map_lookup_elem(&flows, key);
	__u32 zero = 0;
	void *empty;

	if (flow)
		return flow;
	empty = bpf_map_lookup_elem(&blank, &zero);
	if (!empty)
		return 0;
	bpf_map_update_elem(&flows, key, empty, BPF_NOEXIST);
	return bpf_map_lookup_elem(&flows, key);
}

static __always_inline void consider(struct __sk_buff *skb, const struct segment *s,
				     struct counters *counters)
{
	struct flow *flow = find(&s->key);

	if (!flow || !lock(flow)) {
		counters->lost++;
		return;
	}
	if (!flow->id)
		flow->id = bpf_ktime_get_boot_ns() << 6 | (bpf_get_smp_processor_id() & 63);
	counters->lost += judge(skb, s, flow, counters);
	unlock(flow);
}

#endif
