/* SPDX-License-Identifier: BSD-3-Clause */
/* What one segment is: a probe, an answer, a sign of life, the beginning or the end of a stream. */
#ifndef SIGNS_H
#define SIGNS_H

#include "parse.h"

#define ANSWERS 4 /* what was under way may come before the answer to a probe */

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

#endif
