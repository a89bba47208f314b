/* SPDX-License-Identifier: BSD-3-Clause */
/* Which segments make those that follow worth keeping (R9):
 * auditor/evidence/thinning/irregular.py over again.
 */
#ifndef IRREGULAR_H
#define IRREGULAR_H

#include "activity.h"

#define DOUBTFUL_SEGMENTS 64 /* kept after an irregular one */
#define DOUBTFUL_MOST 4096   /* kept of a flow for what may be the way's doing */

/* Whether a segment does not go on where its sender was, nor probes, nor sends again what was not
 * acknowledged.
 */
static __always_inline int goes_astray(const struct step *step, __s64 begin)
{
	const struct side *mine = step->mine;

	if ((mine->bits & (HAS_NEXT | SEGMENT_SEEN)) != (HAS_NEXT | SEGMENT_SEEN))
		return 0;
	if (begin == mine->next || (step->s->payload <= 1 && begin == mine->next - 1))
		return 0;
	return !(mine->bits & ACKED && begin >= mine->acked && step->s->payload > 1 &&
		 end_of(step->s, begin) <= mine->next);
}

/* Whether a segment acknowledges what was not sent, or less than was acknowledged before: but for a
 * bare ACK that another processor or queue overtook.
 */
static __always_inline int acknowledges_astray(const struct step *step, __s64 begin)
{
	const struct side *mine = step->mine, *peer = step->peer;
	__s64 acked = position(peer->next, step->s->ack);

	if (!(step->s->flags & ACK) || !(peer->bits & HAS_NEXT))
		return 0;
	if (peer->bits & SEGMENT_SEEN && acked > peer->next)
		return 1;
	if (!(peer->bits & ACKED) || acked >= peer->acked)
		return 0;
	return step->s->payload || !(mine->bits & HAS_NEXT) || begin != mine->next ||
	       acked < peer->acked - LATE_BYTES;
}

/* Whether all that is odd of a segment is that it sends again what was acknowledged of late. */
static __always_inline int repeats_acknowledged(const struct step *step, __s64 begin)
{
	const struct side *mine = step->mine;

	return mine->bits & ACKED && begin < mine->acked && begin >= mine->acked - LATE_BYTES &&
	       step->s->payload > 1 && end_of(step->s, begin) <= mine->next &&
	       !acknowledges_astray(step, begin);
}

/* End the doubt that a side's repetition made, once it goes on with new data. */
static __always_inline void end_repetition(struct step *step, __s64 begin)
{
	struct side *mine = step->mine;

	if (!(mine->bits & REPEATED) || step->s->payload <= 1 || begin != mine->next)
		return;
	mine->bits &= ~REPEATED;
	if (step->flow->doubtful > 1)
		step->flow->doubtful = 1;
}

/* Note whether the doubt that begins now ends so: there is no other one. */
static __always_inline void begin_repetition(struct step *step)
{
	struct side *mine = step->mine, *peer = step->peer;
	int alone = is_noted(step, REPEATING) && !(peer->bits & REPEATED) &&
		    (!step->flow->doubtful || mine->bits & REPEATED);

	mine->bits &= ~REPEATED;
	peer->bits &= ~REPEATED;
	if (alone)
		mine->bits |= REPEATED;
}

/* Whether a receiver takes no data from a segment: it opens a connection amid another, or has neither
 * SYN nor ACK.
 */
static __always_inline int is_dropped(const struct step *step)
{
	__u32 flags = step->s->flags;

	return !(flags & (SYN | ACK)) ||
	       (flags & SYN && (step->mine->bits | step->peer->bits) & SENT_ACK);
}

/* Take note of an irregular segment: what is held back of both sides is kept, and what follows. */
static __always_inline void note_irregular(struct step *step, __s64 begin)
{
	struct flow *flow = step->flow;
	__u32 flags = step->s->flags;

	if (flow->doubtful) {
		flow->doubtful--;
		flow->doubted++;
	}
	end_repetition(step, begin);
	note(step, goes_astray(step, begin), ASTRAY);
	note(step, acknowledges_astray(step, begin), ASTRAY);
	if (flow->doubted >= DOUBTFUL_MOST)
		clear_note(step, ASTRAY);
	note(step, is_noted(step, ASTRAY) && repeats_acknowledged(step, begin), REPEATING);
	note(step, flags & (FIN | RST), ASTRAY | ODD);
	note(step, is_dropped(step), ASTRAY | ODD);
	if (!is_noted(step, APART | ASTRAY))
		return;
	if (is_noted(step, APART | ODD))
		clear_note(step, REPEATING);
	begin_repetition(step);
	flow->doubtful = DOUBTFUL_SEGMENTS;
	step->counters->lost += release_all(step->mine) + release_all(step->peer);
}

#endif
