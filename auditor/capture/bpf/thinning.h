/* SPDX-License-Identifier: BSD-3-Clause */
/* Which segments are kept, by the rules R1 to R7 of docs/thinning.md, and what is held back. */
#ifndef THINNING_H
#define THINNING_H

#include "flows.h"
#include "hello.h"
#include "records.h"
#include "segment_class.h"

/* What a segment of one side means for what is held back of its peer. */
struct side_event {
	__u64 previous;	 /* time of this side's activity before the segment; 0: there was none */
	__u64 time;	 /* of the segment */
	__u8 flush_peer; /* a silence has ended, or a segment that is no activity is kept */
	__u8 new_connection;
};

static __always_inline __u32 emit_now(struct __sk_buff *skb, const struct segment *s,
				      struct flow *flow, struct record *record,
				      const struct side_event *event, __u32 hello,
				      struct counters *counters)
{
	hold(skb, s, flow, record, event->time);
	return hello ? emit_with_hello(skb, record, s->offset, hello, counters)
		     : emit(record, counters);
}

/* Process activity; ``keep``: it is kept whether or not it ends a silence (R3) or is the first data
 * since the peer's last activity, if that is long ago (R4). Return how many segments were lost.
 */
static __always_inline __u32 on_activity(struct __sk_buff *skb, const struct segment *s,
					 struct flow *flow, struct side *mine, __u64 peer_activity,
					 int keep, __u32 hello, struct side_event *event,
					 struct counters *counters)
{
	int first = s->payload &&
		    (!mine->first_data.time || mine->first_data.time <= peer_activity);
	__u32 lost = 0;

	event->flush_peer = is_silence(event->previous, event->time);
	if (event->flush_peer) {
		lost = emit_late(&mine->last_activity, counters);
		if (mine->first_data.time == event->previous)
			mine->first_data.kept = 1;
	}
	if (keep || event->flush_peer || (first && is_silence(peer_activity, event->time)))
		lost += emit_now(skb, s, flow, &mine->last_activity, event, hello, counters);
	else
		hold(skb, s, flow, &mine->last_activity, event->time);
	if (first)
		__builtin_memcpy(&mine->first_data, &mine->last_activity,
				 sizeof(mine->first_data));
	return lost;
}

/* Keep what is to be kept of a segment and of its side's last; return how many were lost. */
static __noinline __u32 on_segment(struct __sk_buff *skb, const struct segment *s,
				   struct flow *flow, struct counters *counters,
				   struct side_event *event)
{
	struct side *mine = &flow->sides[s->side & 1];
	struct side *peer = &flow->sides[~s->side & 1];
	__u64 peer_activity = *(volatile __u64 *)&peer->last_activity.time;
	__u64 time = bpf_ktime_get_boot_ns();
	__u32 end = s->seq + s->payload + !!(s->flags & SYN) + !!(s->flags & FIN);
	__u32 hello, lost = 0, zero = 0;
	struct long_record *whole;
	int probe, keep;

	if (time <= mine->latest_time)
		time = mine->latest_time + 1; /* so that (flow, side, time) names one segment */
	mine->latest_time = time;
	event->previous = mine->last_activity.time;
	event->time = time;
	if (s->flags & SYN)
		event->new_connection = note_syn(s, flow, mine);
	probe = may_be_probe(s, mine, peer);
	keep = probe || is_answer(s, mine, peer); /* R2; a crossing probe is no answer */
	keep |= is_first_after_syn(s, mine);	  /* R1 */
	keep |= is_repeated(s, end, mine, peer);  /* R7 */
	hello = probe ? 0 : hello_bytes(skb, s, flow, mine);
	keep |= hello || s->flags & (SYN | FIN | RST); /* R6, R1 */
	if (resets_idle_timer(end, peer)) {
		lost = on_activity(skb, s, flow, mine, peer_activity, keep, hello, event, counters);
	} else if (keep) {
		/* Only what the peer acknowledged shows that this is no activity (R5). */
		event->flush_peer = 1;
		whole = bpf_map_lookup_elem(&scratch, &zero);
		if (whole)
			lost = emit_now(skb, s, flow, &whole->head, event, hello, counters);
	}
	if (probe)
		mine->probe_time = time;
	note_end(s, end, flow, mine, peer);
	return lost;
}

/* Keep what the peer sent first and last since this side's previous activity (R4, R5); return how
 * many segments were lost.
 */
static __noinline __u32 flush_peer(struct side *peer, const struct side_event *event,
				   struct counters *counters)
{
	__u32 lost = 0;

	if (event->new_connection)
		reset_stream(peer);
	if (!event->flush_peer)
		return 0;
	if (peer->first_data.time > event->previous && peer->first_data.time < event->time) {
		lost = emit_late(&peer->first_data, counters);
		if (peer->first_data.time == peer->last_activity.time)
			peer->last_activity.kept = 1;
	}
	if (peer->last_activity.time < event->time)
		lost += emit_late(&peer->last_activity, counters);
	return lost;
}

/* Thin one segment: its own side under its lock, then the peer under the peer's. */
static __always_inline void thin(struct __sk_buff *skb, const struct segment *s,
				 struct counters *counters)
{
	struct flow *flow = find_or_add(&s->key);
	struct side *mine, *peer;
	struct side_event event = {};

	if (!flow) {
		counters->lost++;
		return;
	}
	if (!flow->id)
		set_id(flow);
	mine = &flow->sides[s->side & 1];
	peer = &flow->sides[~s->side & 1];
	if (!lock(mine)) {
		counters->lost++;
		return;
	}
	counters->lost += on_segment(skb, s, flow, counters, &event);
	unlock(mine);
	if (!event.flush_peer && !event.new_connection)
		return;
	if (!lock(peer)) {
		counters->lost++;
		return;
	}
	counters->lost += flush_peer(peer, &event, counters);
	unlock(peer);
}

#endif
