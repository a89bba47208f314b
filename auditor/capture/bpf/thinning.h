/* SPDX-License-Identifier: BSD-3-Clause */
/* Which segments are kept by the rules R1 to R7 of docs/thinning.md:
 * auditor/evidence/thinning/on_segment.py over again.
 */
#ifndef THINNING_H
#define THINNING_H

#include "activity.h"
#include "flows.h"
#include "hello.h"
#include "irregular.h"
#include "segment_class.h"
#include "standing.h"
#include "syn.h"
#include "unseen.h"
#include "withholding.h"

#define UNKNOWN (1ll << 62) /* no stream reaches so far */

/* Note that a segment lies in its stream. */
static __always_inline void note_end(struct side *mine, __s64 end)
{
	if (!(mine->bits & HAS_NEXT) || end > mine->next)
		mine->next = end;
	mine->bits |= HAS_NEXT;
}

/* Keep a segment, or no more than what of it may be hello (R6). */
static __always_inline void keep(struct step *step, __s64 begin, __s64 end, __s64 acked)
{
	struct side *mine = step->mine;
	__s64 offset;
	__u32 hello = 0;

	if (is_noted(step, KEEP))
		note_kept(mine, step->time, end, acked);
	if (!is_noted(step, IS_PROBE) && step->s->payload) {
		offset = stream_offset(mine, step->s, begin);
		if (offset >= 0 && offset < HELLO_BYTES)
			hello = hello_bytes(step->s, mine, offset);
	}
	if (!is_noted(step, KEEP) && !hello)
		return;
	if (is_noted(step, KEEP))
		mark_kept(mine, step->time);
	step->counters->lost += emit_now(step->skb, step->s, step->time, step->flow->id, hello,
					 !is_noted(step, KEEP));
}

/* Take in a segment that lies at ``begin`` of its sender's stream. */
static __always_inline void in_stream(struct step *step, __s64 begin)
{
	const struct segment *s = step->s;
	struct side *mine = step->mine, *peer = step->peer;
	__s64 end = end_of(s, begin), acked = mine->last_ack, known = peer->acked, news = 0;
	__s64 reached = peer->bits & HAS_NEXT ? peer->next : UNKNOWN;

	note(step, is_probe(s, mine, begin), KEEP | IS_PROBE);
	note(step, step->flow->doubtful || s->flags & (SYN | FIN), KEEP);
	if (!step->flow->settled) {
		note(step, step->flow->segments < MANY_SEGMENTS, KEEP);
		step->flow->proven |= ends_handshake(s, peer);
	}
	if (s->flags & ACK) {
		acked = acknowledge(peer, s->ack);
		news = acked - known;
	}
	on_claim(peer, reached);
	on_bytes(mine, begin, end, is_noted(step, IS_PROBE), is_dropped(step));
	note(step, is_answer(mine, peer, acked), KEEP);
	note(step, is_first(mine, s->flags), KEEP);
	note(step, is_opening(mine, s, begin), KEEP);
	note(step, is_repeated(mine, begin, end), KEEP);
	if (is_noted(step, IS_PROBE))
		peer->possible_answers = ANSWERS;
	if (resets_idle_timer(mine, peer, end, s->flags)) {
		note(step, is_due(mine, step->time, end, acked), KEEP);
		note(step, on_activity(step, news >= 0 && end >= mine->next &&
						 (news > 0 || end > mine->next)),
		     KEEP);
		note(step, 1, ACTIVE);
	}
	if (!is_noted(step, IS_PROBE)) {
		note_end(mine, end);
		if (end > begin)
			note(step, on_data(step), KEEP);
	}
	mine->bits |= s->flags & SYN ? SEGMENT_SEEN : SEGMENT_SEEN | TALKED;
	/* Only the peer's acknowledgement tells that this restarts no timer (R5). */
	if (!is_noted(step, ACTIVE) &&
	    (is_noted(step, KEEP) || mine->unacked_data.time == step->time))
		step->counters->lost += release_latest(peer);
	keep(step, begin, end, acked);
}

/* Let a new connection follow on the same endpoints; all that is held back is kept. */
static __noinline __u32 begin_again(struct flow *flow)
{
	__u32 lost = 0;

	for (int i = 0; i < 2; i++) {
		struct side *side = &flow->sides[i];

		lost += release_all(side);
		clear(side, side->bits & HAS_ISN ? side->isn : NEVER);
	}
	flow->id = new_id();
	flow->over = flow->doubtful = flow->proven = flow->segments = 0;
	flow->doubted = 0;
	flow->withheld = flow->spoke = 0;
	return lost;
}

/* Take in a SYN or SYN-ACK; return whether it is of another connection. */
static __always_inline int on_syn(struct step *step)
{
	int verdict = judge_syn(step->s, step->mine, step->peer);

	if (verdict == STALE ||
	    (verdict == NEW && is_amid(step->s, step->flow, step->mine, step->peer)))
		return 1;
	if (verdict == NEW)
		step->counters->lost += begin_again(step->flow);
	record_syn(step->mine, step->s);
	learn_from_answer(step->peer, step->s);
	return 0;
}

/* Keep what is to be kept of a segment, and of what was held back before it. */
VERIFIED_ALONE int on_segment(struct __sk_buff *skb, struct segment *s, struct flow *flow,
			      struct counters *counters)
{
	struct step step = {};
	struct side *mine, *peer;
	__s64 begin;

	if (!s || !flow || !counters)
		return 0;
	step.skb = skb;
	step.s = s;
	step.flow = flow;
	step.mine = mine = &flow->sides[s->side & 1];
	step.peer = peer = &flow->sides[~s->side & 1];
	step.counters = counters;
	step.time = bpf_ktime_get_boot_ns();
	if (step.time <= flow->clock)
		step.time = flow->clock + 1; /* so that (flow, time) names one segment */
	flow->clock = step.time;
	flow->noted = 0;
	set_standing(s, flow, standing_of(flow));
	if (flow->segments < 255)
		flow->segments++;
	counters->lost += expire(mine, peer, step.time) + expire(peer, mine, step.time);
	if (mine->bits & SEGMENT_SEEN && is_copy(mine, s, step.time))
		return 0;
	if (s->flags & SYN)
		note(&step, on_syn(&step), APART);
	note_copy(mine, s, step.time);
	doubt_answer(mine, s);
	begin = begin_of(mine, s);
	if (!is_noted(&step, APART) && mine->bits & HAS_NEXT)
		note(&step, is_outside(mine, peer, s, begin), APART);
	note_irregular(&step, begin);
	if (s->flags & RST && !is_noted(&step, APART))
		flow->over = 1;
	if (!is_noted(&step, APART) && is_withheld(&step)) {
		withhold(&step);
		return 0;
	}
	if (is_noted(&step, APART)) /* whoever knows the endpoints can send it */
		set_standing(s, flow, NO_STANDING);
	if (is_noted(&step, APART) || s->flags & RST) { /* R1, R5 */
		counters->lost += emit_now(skb, s, step.time, flow->id, 0, 0);
		return 0;
	}
	if (flow->withheld)
		resume(&step);
	flow->spoke |= s->payload > 1;
	in_stream(&step, begin);
	if (s->flags & FIN) {
		mine->bits |= SENT_FIN;
		if (peer->bits & SENT_FIN)
			flow->over = 1;
	}
	return 0;
}

/* Find a flow and lock it; return what unlocks it, or 0. Another processor may move it meanwhile. */
static __noinline __u32 acquire(const struct segment *s, struct flow **found,
				struct counters *counters)
{
	for (int i = 0; i < 2; i++) {
		struct flow *flow = find_or_add(&s->key, counters);
		__u64 id;
		__u32 held;

		if (!flow)
			return 0;
		id = *(volatile __u64 *)&flow->id;
		held = lock(flow);
		if (!held)
			return 0;
		*found = flow;
		if (!flow->moved && flow->id == id)
			return held;
		unlock(flow, held);
	}
	return 0;
}

/* Thin one segment in its flow, under its lock. */
static __always_inline void thin(struct __sk_buff *skb, struct segment *s,
				 struct counters *counters)
{
	struct flow *flow = 0;
	__u32 held = acquire(s, &flow, counters);
	int moved = 0;

	if (!held || !flow) {
		counters->lost++;
		return;
	}
	on_segment(skb, s, flow, counters);
	if (!flow->settled && is_proven(flow)) {
		moved = settle(&s->key, flow, held);
		counters->lost += !moved && flow->segments >= MANY_SEGMENTS;
	}
	unlock(flow, held);
	if (moved) {
		counters->settled++;
		bpf_map_delete_elem(&unproven, &s->key);
	}
}

#endif
