/* SPDX-License-Identifier: BSD-3-Clause */
/* What a segment does to the slots of its sender and of its peer: when a silence begins and ends.
 * auditor/evidence/thinning/activity.py and idle_queue.py over again.
 */
#ifndef ACTIVITY_H
#define ACTIVITY_H

#include "records.h"
#include "sequence.h"

/* A segment on its way through its flow. */
struct step {
	struct __sk_buff *skb;
	const struct segment *s;
	struct flow *flow;
	struct side *mine;
	struct side *peer;
	struct counters *counters;
	__u64 time;
};

/* What was found out of the segment under way. It is noted in the flow and not in a variable, whose
 * values the verifier would follow apart from each other, all the way to the end.
 */
enum { KEEP = 1, ACTIVE = 2, IS_PROBE = 4, APART = 8, ASTRAY = 16, ODD = 32, REPEATING = 64 };

static __always_inline void note(struct step *step, int what, __u32 bit)
{
	*(volatile __u32 *)&step->flow->noted |= what ? bit : 0;
}

static __always_inline void clear_note(struct step *step, __u32 bit)
{
	*(volatile __u32 *)&step->flow->noted &= ~bit;
}

static __always_inline __u32 is_noted(const struct step *step, __u32 bit)
{
	return *(volatile __u32 *)&step->flow->noted & bit;
}

static __always_inline int is_silence(__u64 since, __u64 time)
{
	return time - since >= settings.silence_ns;
}

/* Settle a side that has been silent for long enough by now: its peer's data is why that could not
 * probe (R3, R4). User space does the same by the clock, and knows what comes from here once more.
 */
static __always_inline __u32 expire(struct side *side, struct side *peer, __u64 time)
{
	if (!side->last_activity.time || side->bits & SILENT ||
	    !is_silence(side->last_activity.time, time))
		return 0;
	side->bits |= SILENT;
	return release_latest(side) + release(peer, &peer->unacked_data);
}

/* Begin anew to hold back why a side, which received something now, does not probe (R4). */
static __always_inline __u32 on_unacked(struct side *side, __u64 time)
{
	struct record *source = side->highest_seq.time ? &side->highest_seq : &side->last_activity;

	if ((side->bits & (HAS_NEXT | ACKED)) != (HAS_NEXT | ACKED) || side->acked == side->next ||
	    !source->time) {
		side->unacked_data.time = 0;
		return 0;
	}
	if (side->unacked_data.time != source->time)
		__builtin_memcpy(&side->unacked_data, source, sizeof(*source));
	return is_silence(source->time, time) ? release(side, &side->unacked_data) : 0;
}

/* Take in activity; return whether it ends a silence (R3). ``newest``: it reaches further than all
 * earlier ones of the side, or acknowledges more, and neither less.
 */
static __always_inline int on_activity(struct step *step, int newest)
{
	struct side *mine = step->mine;
	__u64 since = mine->last_activity.time;
	int silent = !since || is_silence(since, step->time) || mine->bits & SILENT;

	if (silent)
		step->counters->lost += release_latest(mine) + release_all(step->peer);
	step->counters->lost += on_unacked(step->peer, step->time);
	if (newest)
		mine->highest_seq.time = 0;
	else if (!mine->highest_seq.time)
		__builtin_memcpy(&mine->highest_seq, &mine->last_activity,
				 sizeof(mine->highest_seq));
	else if (is_silence(mine->highest_seq.time, step->time))
		step->counters->lost += release(mine, &mine->highest_seq);
	hold(step->skb, step->s, &mine->last_activity, step->time, step->flow->id);
	mine->bits &= ~SILENT;
	return silent;
}

/* Take in data; return whether it is the first in a silence of the peer (R4). */
static __always_inline int on_data(struct step *step)
{
	struct side *mine = step->mine;

	if (mine->unacked_data.time || !(step->peer->bits & SEGMENT_SEEN))
		return 0;
	hold(step->skb, step->s, &mine->unacked_data, step->time, step->flow->id);
	return !!(step->peer->bits & SILENT);
}

#endif
