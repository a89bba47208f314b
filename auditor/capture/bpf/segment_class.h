/* SPDX-License-Identifier: BSD-3-Clause */
/* What one segment is: auditor/evidence/thinning/segment_class.py over again. */
#ifndef SEGMENT_CLASS_H
#define SEGMENT_CLASS_H

#include "sequence.h"

#define ANSWERS 4		   /* segments in flight may arrive before the answer to a probe */
#define FAR_BYTES (STRAY_BYTES / 2) /* a stream moves no further between two kept headers (R5) */

static __always_inline int is_outside(struct side *side, const struct side *peer,
				      const struct segment *s, __s64 begin)
{
	if (is_stray(side, begin))
		return 1;
	if (side->bits & HAS_ISN && begin < side->isn)
		return 1;
	return begin > side->next && acknowledges_wrongly(peer, s);
}

/* Whether this may be a keepalive probe (R2); a side's very first segment always may. */
static __always_inline int is_probe(const struct segment *s, const struct side *side, __s64 begin)
{
	if (s->payload > 1 || (s->flags & (SYN | FIN | RST | ACK)) != ACK)
		return 0;
	if (!(side->bits & SEGMENT_SEEN) || begin == side->next - 1)
		return 1;
	return side->bits & ACKED && begin == side->acked - 1;
}

static __always_inline __s64 acknowledge(struct side *peer, __u32 ack)
{
	__s64 acked = acked_position(peer, ack);

	if (!(peer->bits & SEGMENT_SEEN && is_far(peer, acked)))
		advance_acked(peer, acked);
	return acked;
}

static __always_inline int is_answer(struct side *side, const struct side *peer, __s64 acked)
{
	if (!side->possible_answers)
		return 0;
	side->possible_answers = acked == peer->next ? 0 : side->possible_answers - 1;
	return 1;
}

/* Whether this is a side's first segment, or the first after its SYN or SYN-ACK (R1). */
static __always_inline int is_first(struct side *side, __u32 flags)
{
	int first_ack = is_first_ack(side, flags);

	return (first_ack && side->bits & HAS_ISN) || !(side->bits & SEGMENT_SEEN);
}

/* Whether this carries the first byte of a stream that was seen to begin (R1). */
static __always_inline int is_opening(const struct side *side, const struct segment *s, __s64 begin)
{
	return side->bits & HAS_ISN && s->payload && begin + !!(s->flags & SYN) == side->isn + 1;
}

/* R7 */
static __always_inline int is_repeated(const struct side *side, __s64 begin, __s64 end)
{
	return (side->bits & (HAS_NEXT | ACKED)) == (HAS_NEXT | ACKED) && end > begin &&
	       begin == side->acked && end <= side->next;
}

/* Whether a reader would misunderstand if this activity were left out (R5). */
static __always_inline int is_due(struct side *side, __u64 time, __s64 end, __s64 acked)
{
	if (end != side->last_end || acked != side->last_ack) {
		side->last_end = end;
		side->last_ack = acked;
		side->unchanged_since = time;
	}
	return time - side->unchanged_since >= settings.silence_ns / 5 * 4 ||
	       end - side->kept_end >= FAR_BYTES || acked - side->kept_ack >= FAR_BYTES;
}

static __always_inline void note_kept(struct side *side, __u64 time, __s64 end, __s64 acked)
{
	side->unchanged_since = time;
	side->kept_end = end;
	side->kept_ack = acked;
}

#endif
