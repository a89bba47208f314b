/* SPDX-License-Identifier: BSD-3-Clause */
/* Where a segment lies in its side's stream: auditor/flows/sequence.py, streams.py,
 * initial_sequence.py and duplicate_frames.py over again, function by function.
 */
#ifndef SEQUENCE_H
#define SEQUENCE_H

#include "parse.h"

#define NEVER ((__s64)(1ull << 63))
#define STRAY_BYTES (1ll << 28)	 /* no window holds so much */
#define LATE_BYTES (1ll << 20)	 /* how late a tap may deliver a SYN */
#define TWICE_NS 100000000ull	 /* between two copies of a frame */

/* Bits of a side, as in auditor/flows/tcp_state.py. */
enum {
	HAS_ISN = 1 << 0,
	HAS_NEXT = 1 << 1,
	ACKED = 1 << 2,
	HAS_START = 1 << 3,
	SENT_SYN = 1 << 4,
	SENT_ACK = 1 << 5,
	TALKED = 1 << 7, /* of ours: it sent something in its stream that is neither SYN nor RST */
	SEGMENT_SEEN = 1 << 15,
	SENT_FIN = 1 << 16,
	SILENT = 1 << 18,
	REPEATED = 1 << 30,
	STRAY = 1 << 24, /* counts its latest segments that lay far outside its stream */
	STRAYS = 7 * STRAY,
};

#define FORGED_MOST 4 /* so many segments that fit to nothing are nothing */

enum { CURRENT, NEW, STALE };

static __always_inline __s64 position(__s64 near, __u32 number)
{
	return near + (__s32)(number - (__u32)near);
}

static __always_inline __s64 begin_of(const struct side *side, const struct segment *s)
{
	return side->bits & HAS_NEXT ? position(side->next, s->seq) : (__s64)s->seq;
}

static __always_inline __s64 end_of(const struct segment *s, __s64 begin)
{
	return begin + s->payload + !!(s->flags & SYN) + !!(s->flags & FIN);
}

static __always_inline int is_far(const struct side *side, __s64 place)
{
	__s64 apart = place - side->next;

	return apart > STRAY_BYTES || apart < -STRAY_BYTES;
}

/* Whether a segment is to be left out of account: of more than FORGED_MOST in a row that are far
 * away the last is believed, and the side goes on from there.
 */
static __always_inline int is_stray(struct side *side, __s64 begin)
{
	if (!(side->bits & SEGMENT_SEEN) || !is_far(side, begin)) {
		side->bits &= ~STRAYS;
		return 0;
	}
	if ((side->bits & STRAYS) < FORGED_MOST * STRAY) {
		side->bits += STRAY;
		return 1;
	}
	side->next = begin;
	side->bits &= ~(STRAYS | ACKED);
	return 0;
}

static __always_inline __s64 acked_position(struct side *peer, __u32 ack)
{
	if (peer->bits & HAS_NEXT)
		return position(peer->next, ack);
	peer->next = peer->acked = ack;
	peer->bits |= HAS_NEXT | ACKED;
	return ack;
}

static __always_inline int acknowledges_wrongly(const struct side *peer, const struct segment *s)
{
	__s64 acked = position(peer->next, s->ack);

	if ((peer->bits & (HAS_NEXT | ACKED)) != (HAS_NEXT | ACKED) || !(s->flags & ACK))
		return 0;
	return acked < peer->acked - 1 || is_far(peer, acked);
}

static __always_inline void advance_acked(struct side *peer, __s64 acked)
{
	if (acked > peer->next)
		peer->next = acked;
	if (peer->bits & ACKED && acked <= peer->acked)
		return;
	peer->acked = acked;
	peer->bits |= ACKED;
}

static __always_inline int is_first_ack(struct side *side, __u32 flags)
{
	if ((flags & (SYN | ACK)) != ACK || side->bits & SENT_ACK)
		return 0;
	side->bits |= SENT_ACK;
	return 1;
}

static __always_inline int resets_idle_timer(const struct side *side, const struct side *peer,
					     __s64 end, __u32 flags)
{
	if (flags & SYN && peer->bits & SENT_ACK)
		return 0;
	return !(side->bits & ACKED) || end >= side->acked;
}

static __always_inline __s64 stream_offset(struct side *side, const struct segment *s, __s64 begin)
{
	begin += !!(s->flags & SYN);
	if (!(side->bits & HAS_START)) {
		side->stream_start = side->bits & HAS_ISN ? side->isn + 1 : begin;
		side->bits |= HAS_START;
	}
	return begin - side->stream_start;
}

static __always_inline int is_isn(const struct side *side, __u32 seq)
{
	return side->bits & HAS_ISN && (__u32)side->isn == seq;
}

static __always_inline void learn_isn(struct side *side, __s64 near, __u32 seq)
{
	if (side->bits & HAS_NEXT) {
		side->isn = position(near, seq);
	} else {
		side->isn = seq;
		side->next = (__s64)seq + 1;
		side->acked = seq;
	}
	side->bits |= HAS_ISN | HAS_NEXT;
}

static __always_inline int is_copy(const struct side *side, const struct segment *s, __u64 time)
{
	return side->copy_seq == s->seq && side->copy_ack == s->ack &&
	       side->copy_ident == s->ident && side->copy_length == s->payload &&
	       side->copy_window == s->window && side->copy_flags == s->flags && side->copy_time &&
	       time - side->copy_time < TWICE_NS;
}

static __always_inline void note_copy(struct side *side, const struct segment *s, __u64 time)
{
	side->copy_time = time;
	side->copy_seq = s->seq;
	side->copy_ack = s->ack;
	side->copy_ident = s->ident;
	side->copy_length = s->payload;
	side->copy_window = s->window;
	side->copy_flags = s->flags;
}

#endif
