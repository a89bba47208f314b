/* SPDX-License-Identifier: BSD-3-Clause */
/* Whose segments have a place in the ring when nearly all of it waits to be read. */
#ifndef STANDING_H
#define STANDING_H

#include "flows.h"

/* A flow has a *standing* when it is proven and was there for two seconds: no flood of new ones has.
 * What is lost of flows without is counted apart, since no probe of a connection that is older than
 * that is among it (NEW_NS in auditor/evidence/packet.py).
 */
#define NEW_NS 2000000000ull
/* Segments of a flow that the reserve takes in a second: nobody fills it by way of one. */
#define RESERVED_SEGMENTS 64
#define RESERVE_NS 1000000000ull

/* Whether a segment of a flow with a standing may go into the reserve. */
static __always_inline int has_reserve(struct flow *flow)
{
	if (!is_reserve_left())
		return 1;
	if (flow->clock - flow->reserve_since >= RESERVE_NS) {
		flow->reserve_since = flow->clock;
		flow->reserved = 0;
	}
	flow->reserved++;
	return flow->reserved <= RESERVED_SEGMENTS;
}

/* Give a segment its standing, by way of the flow: of a variable the verifier would follow each
 * value apart, all the way to the end.
 */
static __always_inline void set_standing(struct segment *s, struct flow *flow, __u16 standing)
{
	*(volatile __u16 *)&flow->standing = standing;
	s->standing = *(volatile __u16 *)&flow->standing;
}

static __always_inline __u16 standing_of(struct flow *flow)
{
	if (!flow->settled || flow->clock - flow->born < NEW_NS)
		return NO_STANDING;
	return has_reserve(flow) ? RESERVED : STANDING;
}

#endif
