/* SPDX-License-Identifier: BSD-3-Clause */
/* Which segments are kept: the rules K1 … K5 of the thinning, and what is held back for them. */
#ifndef KEEP_H
#define KEEP_H

#include "hello.h"

#define ANSWERS 4 /* what was under way may come before the answer to a probe */
#define LOCK_ATTEMPTS 256 /* some ten microseconds; a holder needs a quarter of one */

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

/* Segments of one direction may be seen at once on two processors, and socket filters may not use
 * bpf_spin_lock. Nothing preempts a filter (softirqs are off), so that waiting is short. No side
 * is locked while another one is: under load both directions of a flow are busy at once.
 */
static __always_inline int lock(struct side *side)
{
	for (int i = 0; i < LOCK_ATTEMPTS; i++) {
		__u32 seen = *(volatile __u32 *)&side->lock;

		if (!(seen & 1) && __sync_val_compare_and_swap(&side->lock, seen, seen + 1) == seen)
			return 1;
		bpf_ktime_get_boot_ns(); /* to pass the time: the verifier bears few rounds */
	}
	return 0;
}

static __always_inline void unlock(struct side *side)
{
	/* The result is asked for: only so it is a full barrier on every machine. */
	__u32 before = __sync_fetch_and_add(&side->lock, 1);

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
static __always_inline __u32 load_header(struct __sk_buff *skb, struct record *record, __u32 length)
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
	if (record != &whole->head)
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

/* Forget a stream, not the times: a silence may reach over two connections on the same ports. */
static __always_inline void forget(struct side *side)
{
	side->based = side->strict = side->opening = side->have = 0;
	side->seen = side->finished = side->spoke = side->answers = side->acking = 0;
	side->limit = 0;
	side->probed = side->answering = 0;
}

/* A SYN names its side's stream; return 1 when it begins a new connection, not one SYN again. */
static __always_inline int note_syn(const struct segment *s, struct flow *flow, struct side *mine)
{
	int is_new = !mine->based || mine->strict || mine->base != s->seq + 1 || flow->closed;

	if (is_new) {
		forget(mine);
		mine->base = s->seq + 1;
		mine->based = 1;
	}
	if (s->flags & ACK) {
		flow->initiator = 2 - s->side;
		return 0;
	}
	if (is_new)
		flow->closed = flow->bareos = flow->asked = flow->answered = 0;
	flow->initiator = s->side + 1;
	return is_new;
}

static __always_inline int is_candidate(const struct segment *s, const struct side *mine)
{
	return (s->flags & (SYN | FIN | RST | ACK)) == ACK && s->payload <= 1 && mine->seen &&
	       s->seq == mine->next - 1;
}

/* The answer acknowledges all that the prober has sent; what was under way comes before it. */
static __always_inline int is_answer(const struct segment *s, struct side *mine,
				     const struct side *peer)
{
	__u64 probed = *(volatile __u64 *)&peer->probed;

	if (probed > mine->answering) {
		mine->answering = probed;
		mine->answers = ANSWERS;
	}
	if (!mine->answers)
		return 0;
	mine->answers = s->ack == peer->next ? 0 : mine->answers - 1;
	return 1;
}

/* The first segment after a side's SYN or SYN-ACK: it ends the handshake. */
static __always_inline int is_first_word(const struct segment *s, struct side *mine)
{
	int is_first = !mine->spoke && mine->based && !mine->strict;

	if (s->flags & SYN || !(s->flags & ACK))
		return 0;
	mine->spoke = 1;
	return is_first;
}

/* A time of the other processor may be a little ahead of ours. */
static __always_inline int is_silence(__u64 since, __u64 time)
{
	return !since || (__s64)(time - since) >= (__s64)settings.silence_ns;
}

/* Whether a segment restarts its receiver's idle clock: a probe does not, nor does what has been
 * acknowledged before (bareos.md §6.1).
 */
static __always_inline int is_life(__u32 end, const struct side *peer)
{
	return !peer->acking || (__s32)(end - peer->acks) >= 0;
}

static __always_inline void note_end(const struct segment *s, __u32 end, struct flow *flow,
				     struct side *mine, const struct side *peer)
{
	if (!mine->seen || (__s32)(end - mine->next) > 0)
		mine->next = end;
	mine->seen = 1;
	if (s->flags & ACK) {
		if (!mine->acking || (__s32)(s->ack - mine->acks) > 0)
			mine->acks = s->ack;
		mine->acking = 1;
	}
	if (s->flags & FIN)
		mine->finished = 1;
	if (s->flags & RST || (mine->finished && peer->finished))
		flow->closed = 1;
}

/* Describe the segment in a record. */
static __always_inline void hold(struct __sk_buff *skb, const struct segment *s, struct flow *flow,
				 struct record *record, __u64 time)
{
	record->time = time;
	record->flow = flow->id;
	record->ifindex = s->key.ifindex;
	record->direction = s->direction;
	record->side = s->side;
	record->kept = 0;
	record->late = 0;
	record->stored = load_header(skb, record, s->offset);
}

/* What the side that has just spoken means to its peer. */
struct news {
	__u64 before; /* its sign of life before this segment; 0: there was none */
	__u64 time;   /* of this segment */
	__u8 tells;   /* a silence has ended, or what is no sign of life is kept */
	__u8 begins;  /* a connection has begun */
};

static __always_inline __u32 put_now(struct __sk_buff *skb, const struct segment *s,
				     struct flow *flow, struct record *record,
				     const struct news *news, __u32 hello,
				     struct counters *counters)
{
	hold(skb, s, flow, record, news->time);
	return hello ? put_hello(skb, record, s->offset, hello, counters) : put(record, counters);
}

/* Take in a sign of life; ``keep``: for another reason than that a silence ends. */
static __always_inline __u32 live(struct __sk_buff *skb, const struct segment *s,
				  struct flow *flow, struct side *mine, __u64 heard, int keep,
				  __u32 hello, struct news *news, struct counters *counters)
{
	int first = s->payload && (!mine->first.time || mine->first.time <= heard);
	__u32 lost = 0;

	news->tells = is_silence(news->before, news->time);
	if (news->tells) {
		lost = put_late(&mine->last, counters);
		if (mine->first.time == news->before)
			mine->first.kept = 1;
	}
	if (keep || news->tells || (first && is_silence(heard, news->time)))
		lost += put_now(skb, s, flow, &mine->last, news, hello, counters);
	else
		hold(skb, s, flow, &mine->last, news->time);
	if (first)
		__builtin_memcpy(&mine->first, &mine->last, sizeof(mine->first));
	return lost;
}

/* Keep what is to be kept of a segment and of its side's last; return how many were lost. */
static __noinline __u32 judge(struct __sk_buff *skb, const struct segment *s, struct flow *flow,
			      struct counters *counters, struct news *news)
{
	struct side *mine = &flow->sides[s->side & 1];
	struct side *peer = &flow->sides[~s->side & 1];
	__u64 heard = *(volatile __u64 *)&peer->last.time;
	__u64 time = bpf_ktime_get_boot_ns();
	__u32 end = s->seq + s->payload + !!(s->flags & SYN) + !!(s->flags & FIN);
	__u32 hello, lost = 0, zero = 0;
	struct long_record *whole;
	int probe, keep;

	if (time <= mine->latest)
		time = mine->latest + 1; /* so that (flow, side, time) names one segment */
	mine->latest = time;
	news->before = mine->last.time;
	news->time = time;
	if (s->flags & SYN)
		news->begins = note_syn(s, flow, mine);
	probe = is_candidate(s, mine);
	keep = probe || is_answer(s, mine, peer); /* a probe that crosses another is no answer */
	keep |= is_first_word(s, mine);
	hello = probe ? 0 : hello_bytes(skb, s, flow, mine);
	keep |= hello || s->flags & (SYN | FIN | RST);
	if (is_life(end, peer)) {
		lost = live(skb, s, flow, mine, heard, keep, hello, news, counters);
	} else if (keep) {
		/* Only the peer's acknowledgement tells that this is no sign of life. */
		news->tells = 1;
		whole = bpf_map_lookup_elem(&scratch, &zero);
		if (whole)
			lost = put_now(skb, s, flow, &whole->head, news, hello, counters);
	}
	if (probe)
		mine->probed = time;
	note_end(s, end, flow, mine, peer);
	return lost;
}

/* What the peer said since, first and last, is kept too (rule K4). */
static __noinline __u32 tell_peer(struct side *peer, const struct news *news,
				  struct counters *counters)
{
	__u32 lost = 0;

	if (news->begins)
		forget(peer);
	if (!news->tells)
		return 0;
	if (peer->first.time > news->before && peer->first.time < news->time) {
		lost = put_late(&peer->first, counters);
		if (peer->first.time == peer->last.time)
			peer->last.kept = 1;
	}
	if (peer->last.time < news->time)
		lost += put_late(&peer->last, counters);
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

static __always_inline void name_flow(struct flow *flow)
{
	__u64 id = bpf_ktime_get_boot_ns() << 6 | (bpf_get_smp_processor_id() & 63);
	__u64 before = __sync_val_compare_and_swap(&flow->id, 0, id);

	asm volatile("" : : "r"(before));
}

static __always_inline void consider(struct __sk_buff *skb, const struct segment *s,
				     struct counters *counters)
{
	struct flow *flow = find(&s->key);
	struct side *mine, *peer;
	struct news news = {};

	if (!flow) {
		counters->lost++;
		return;
	}
	if (!flow->id)
		name_flow(flow);
	mine = &flow->sides[s->side & 1];
	peer = &flow->sides[~s->side & 1];
	if (!lock(mine)) {
		counters->lost++;
		return;
	}
	counters->lost += judge(skb, s, flow, counters, &news);
	unlock(mine);
	if (!news.tells && !news.begins)
		return;
	if (!lock(peer)) {
		counters->lost++;
		return;
	}
	counters->lost += tell_peer(peer, &news, counters);
	unlock(peer);
}

#endif
