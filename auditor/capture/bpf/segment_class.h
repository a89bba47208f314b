/* SPDX-License-Identifier: BSD-3-Clause */
/* What one segment is: a probe, an answer, activity, the beginning or the end of a stream. */
#ifndef SEGMENT_CLASS_H
#define SEGMENT_CLASS_H

#include "parse.h"

#define MAX_ANSWERS 4 /* segments in flight may arrive before the answer to a probe */
#define STRAY_BYTES (1 << 28) /* no window holds so much */

/* Reset a stream, not the times: a silence may reach over two connections on the same ports. */
static __always_inline void reset_stream(struct side *side)
{
	side->has_start = side->start_guessed = side->protocol = side->prefix_length = 0;
	side->has_next = side->fin_sent = side->past_syn = side->answers_left = side->has_ack = 0;
	side->hello_end = 0;
	side->probe_time = side->answering = 0;
}

/* A SYN says where its side's stream begins; return 1 when it begins a new connection, 0 when it is
 * a SYN-ACK or a retransmission.
 */
static __always_inline int note_syn(const struct segment *s, struct flow *flow, struct side *mine)
{
	int is_new = !mine->has_start || mine->start_guessed || mine->start_seq != s->seq + 1 ||
		     flow->closed;

	if (is_new) {
		reset_stream(mine);
		mine->start_seq = s->seq + 1;
		mine->has_start = 1;
	}
	if (s->flags & ACK) {
		flow->initiator = 2 - s->side;
		return 0;
	}
	if (is_new)
		flow->closed = flow->cleartext = flow->requests = flow->replies = 0;
	flow->initiator = s->side + 1;
	return is_new;
}

/* A probe lies one before what its side sends next, or before what its peer waits for: what an
 * attacker sent in the side's name moves only the former.
 */
static __always_inline int may_be_probe(const struct segment *s, const struct side *mine,
					const struct side *peer)
{
	return (s->flags & (SYN | FIN | RST | ACK)) == ACK && s->payload <= 1 &&
	       ((mine->has_next && s->seq == mine->next_seq - 1) ||
		(peer->has_ack && s->seq == peer->highest_ack - 1));
}

/* Whether this may answer the peer's probe: the answer acknowledges all that the prober has sent,
 * and segments that were in flight arrive before it.
 */
static __always_inline int is_answer(const struct segment *s, struct side *mine,
				     const struct side *peer)
{
	__u64 probe_time = *(volatile __u64 *)&peer->probe_time;

	if (probe_time > mine->answering) {
		mine->answering = probe_time;
		mine->answers_left = MAX_ANSWERS;
	}
	if (!mine->answers_left)
		return 0;
	mine->answers_left = s->ack == peer->next_seq ? 0 : mine->answers_left - 1;
	return 1;
}

/* Whether this is the first segment after its side's SYN or SYN-ACK, which ends the handshake. */
static __always_inline int is_first_after_syn(const struct segment *s, struct side *mine)
{
	int is_first = !mine->past_syn && mine->has_start && !mine->start_guessed;

	if (s->flags & SYN || !(s->flags & ACK))
		return 0;
	mine->past_syn = 1;
	return is_first;
}

/* The difference is signed: another processor's time may be a little ahead of this one's. */
static __always_inline int is_silence(__u64 since, __u64 time)
{
	return !since || (__s64)(time - since) >= (__s64)settings.silence_ns;
}

/* Whether a segment is activity: a probe is not, nor is what the peer has acknowledged before
 * (bareos.md §6.1).
 */
static __always_inline int resets_idle_timer(__u32 end, const struct side *peer)
{
	return !peer->has_ack || (__s32)(end - peer->highest_ack) >= 0;
}

/* Whether this begins with the first byte that the peer did not acknowledge, and was sent before. */
static __always_inline int is_repeated(const struct segment *s, __u32 end, const struct side *mine,
				       const struct side *peer)
{
	return end != s->seq && peer->has_ack && s->seq == peer->highest_ack && mine->has_next &&
	       (__s32)(end - mine->next_seq) <= 0;
}

/* Whether a segment lies ahead of all that its side was seen to send, and yet acknowledges less than
 * that side did before, or far more: whoever sees the connection sends no such thing.
 */
static __always_inline int is_implausible(const struct segment *s, const struct side *mine)
{
	__s32 beyond = s->ack - mine->highest_ack;

	return s->flags & ACK && mine->has_next && mine->has_ack &&
	       (__s32)(s->seq - mine->next_seq) > 0 && (beyond < -1 || beyond > STRAY_BYTES);
}

static __always_inline void note_end(const struct segment *s, __u32 end, struct flow *flow,
				     struct side *mine, const struct side *peer)
{
	if (s->flags & RST) /* no part of a stream, and anybody may have sent it */
		flow->closed = 1;
	if (s->flags & RST || is_implausible(s, mine))
		return;
	if (!mine->has_next || (__s32)(end - mine->next_seq) > 0)
		mine->next_seq = end;
	mine->has_next = 1;
	if (s->flags & ACK) {
		if (!mine->has_ack || (__s32)(s->ack - mine->highest_ack) > 0)
			mine->highest_ack = s->ack;
		mine->has_ack = 1;
	}
	if (s->flags & FIN)
		mine->fin_sent = 1;
	if (mine->fin_sent && peer->fin_sent)
		flow->closed = 1;
}

#endif
