/* SPDX-License-Identifier: BSD-3-Clause */
/* What stays out of a ring that a flood fills up, so that who talks has room in it. */
#ifndef WITHHOLDING_H
#define WITHHOLDING_H

#include "activity.h"
#include "flows.h"
#include "syn.h"

/* Whether the opener acknowledges what its peer's SYN-ACK began with, and no more than that sent. */
static __always_inline int ends_handshake(const struct segment *s, const struct side *peer)
{
	__s64 acked = position(peer->next, s->ack);

	return (peer->bits & (HAS_ISN | SENT_SYN)) == HAS_ISN && s->flags & ACK &&
	       !(s->flags & SYN) && peer->isn < acked && acked <= peer->next;
}

#define HANDSHAKE_SEGMENTS 3

/* Whether one of the first segments of a flow, which carries nothing, stays out of a ring that fills
 * up: a flood of SYNs takes half of it, one of handshakes three quarters, and who talks the rest.
 */
static __always_inline int is_withheld(const struct step *step)
{
	if (step->flow->settled || step->flow->segments > HANDSHAKE_SEGMENTS || step->s->payload)
		return 0;
	return is_filled(ends_handshake(step->s, step->peer) ? 3 : 2);
}

/* Hold back a SYN or SYN-ACK until something shows that it is no flood; let go of the rest. */
static __always_inline void withhold(struct step *step)
{
	step->flow->withheld++;
	step->counters->withheld++;
	if (step->s->flags & SYN) {
		hold(step->skb, step->s, &step->mine->last_activity, step->time, step->flow->id);
		step->mine->bits |= SEGMENT_SEEN;
	}
}

/* Keep what was withheld of a flow that came about. */
static __always_inline void resume(struct step *step)
{
	for (int i = 0; i < 2; i++) {
		struct side *side = i ? step->peer : step->mine;

		step->counters->released += side->last_activity.time && !side->last_activity.kept;
		step->counters->lost += release(side, &side->last_activity);
	}
	step->flow->withheld = 0;
}

#endif
