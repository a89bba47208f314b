/* SPDX-License-Identifier: BSD-3-Clause */
/* SYN and SYN-ACK: auditor/evidence/thinning/syn.py over again. */
#ifndef SYN_H
#define SYN_H

#include "sequence.h"

static __always_inline int is_late_syn(const struct side *side, __u32 seq)
{
	__s64 since = side->next - position(side->next, seq) - 1;

	if (side->bits & HAS_ISN || !(side->bits & HAS_NEXT))
		return 0;
	return since >= 0 && since < LATE_BYTES - 1;
}

/* Return what a SYN or SYN-ACK of ``side`` is to the connection that its endpoints have. */
static __always_inline int judge_syn(const struct segment *s, const struct side *side,
				     const struct side *peer)
{
	__u32 bits = side->bits;
	__s64 acked;

	if (is_isn(side, s->seq))
		return CURRENT;
	if (side->previous_isn != NEVER && (__u32)side->previous_isn == s->seq)
		return STALE;
	if (!((bits | peer->bits) & SEGMENT_SEEN) || is_late_syn(side, s->seq))
		return CURRENT;
	if (s->flags & ACK) {
		if (!(peer->bits & HAS_ISN))
			return bits & SEGMENT_SEEN ? NEW : CURRENT;
		acked = position(peer->isn, s->ack);
		return peer->isn < acked && acked <= peer->next ? CURRENT : NEW;
	}
	return peer->bits & SENT_SYN && !(bits & SEGMENT_SEEN) ? CURRENT : NEW;
}

/* Whether a SYN with another number comes in a connection of which both sides were seen, and which
 * its receiver lets be: if a new one begins, it does so with the SYN-ACK.
 */
static __always_inline int is_amid(const struct segment *s, const struct flow *flow,
				   const struct side *side, const struct side *peer)
{
	return !(s->flags & ACK) && !flow->over && side->bits & peer->bits & SEGMENT_SEEN;
}

/* Take in a SYN or SYN-ACK that belongs to this connection. */
static __always_inline void record_syn(struct side *side, const struct segment *s)
{
	if (!is_isn(side, s->seq)) {
		if (side->bits & HAS_ISN) /* the acceptor chose anew: it restarted */
			side->bits &= ~HAS_NEXT;
		learn_isn(side, side->next, s->seq);
		side->bits &= ~HAS_START; /* its stream begins after the SYN */
	}
	if (!(s->flags & ACK))
		side->bits |= SENT_SYN;
}

/* Learn from a SYN-ACK where the stream of the peer begins, whose SYN was not seen (P1). */
static __always_inline void learn_from_answer(struct side *peer, const struct segment *s)
{
	if (s->flags & ACK && !(peer->bits & (HAS_ISN | HAS_NEXT | SEGMENT_SEEN)))
		learn_isn(peer, 0, s->ack - 1);
}

/* Forget what only a SYN-ACK tells of a side, if what it sends first does not begin there. */
static __always_inline void doubt_answer(struct side *side, const struct segment *s)
{
	if ((side->bits & (HAS_ISN | SENT_SYN | SEGMENT_SEEN)) != HAS_ISN || s->flags & SYN)
		return;
	if ((__u32)side->isn + 1 != s->seq)
		side->bits &= ~(HAS_ISN | HAS_NEXT | HAS_START);
}

#endif
