/* SPDX-License-Identifier: BSD-3-Clause */
/* What was sent and never passed the tap: auditor/evidence/thinning/unseen.py and
 * auditor/flows/gaps.py over again. User space reads it, and says so (capture/ebpf/flow_table.py).
 */
#ifndef UNSEEN_H
#define UNSEEN_H

#include "sequence.h"

static __always_inline __s64 smaller(__s64 one, __s64 other)
{
	return one < other ? one : other;
}

/* Remember that [begin, end) was not seen; without room the oldest gap is settled. */
VERIFIED_ALONE int open_gap(struct side *side, __s64 begin, __s64 end)
{
	__u32 count;
	__s64 lost;

	if (!side)
		return 0;
	count = side->gap_count;
	if (count >= GAPS) {
		lost = smaller(side->gaps[1], side->acked) - side->gaps[0];
		if (side->bits & ACKED && lost > 0)
			side->missing += lost;
		count = GAPS - 1;
		for (__u32 k = 0; k < 2 * (GAPS - 1); k++)
			side->gaps[k] = side->gaps[k + 2];
	}
	side->gaps[2 * count] = begin;
	side->gaps[2 * count + 1] = end;
	side->gap_count = count + 1;
	return 0;
}

/* Note that [begin, end) was seen after all. */
VERIFIED_ALONE int fill_gaps(struct side *side, __s64 begin, __s64 end)
{
	__s64 low, high, rest_begin = 0, rest_end = 0;
	__u32 kept = 0;

	if (!side)
		return 0;
	for (__u32 k = 0; k < GAPS; k++) {
		if (k >= side->gap_count)
			break;
		low = side->gaps[2 * k];
		high = side->gaps[2 * k + 1];
		if ((low > begin ? low : begin) < smaller(high, end)) {
			if (low < begin && end < high) { /* gaps never overlap: one is split */
				rest_begin = end;
				rest_end = high;
			}
			if (low < begin)
				high = begin;
			else
				low = end;
		}
		if (low < high) {
			side->gaps[2 * (kept & (GAPS - 1))] = low;
			side->gaps[2 * (kept & (GAPS - 1)) + 1] = high;
			kept++;
		}
	}
	side->gap_count = kept;
	return rest_begin < rest_end ? open_gap(side, rest_begin, rest_end) : 0;
}

/* Take in an acknowledgement of a stream that reached up to ``known``: anybody can acknowledge what
 * nobody sent, so that its side has to go on there.
 */
static __always_inline void on_claim(struct side *peer, __s64 known)
{
	if (!(peer->bits & SEGMENT_SEEN) || peer->next <= known)
		return;
	if (peer->claim_from == NEVER)
		peer->claim_from = known;
	peer->claim_to = peer->next;
}

/* Take in bytes, or a probe that lies before them; what a receiver drops does not count as seen. */
VERIFIED_ALONE int on_bytes(struct side *side, __s64 begin, __s64 end, __u32 probe, __u32 dropped)
{
	__s64 from;

	if (!side || (side->bits & (HAS_NEXT | SEGMENT_SEEN)) != (HAS_NEXT | SEGMENT_SEEN))
		return 0;
	if (dropped)
		return end > side->next ? open_gap(side, side->next, end) : 0;
	from = side->claim_from;
	if (from != NEVER) {
		if (begin >= side->claim_to - 1) {
			open_gap(side, from, side->claim_to);
			side->claim_from = NEVER;
		} else if (begin < end && begin >= from) {
			if (begin > from)
				open_gap(side, from, begin);
			side->claim_from = end < side->claim_to ? end : NEVER;
		}
	}
	if (probe)
		return 0;
	if (begin > side->next)
		return open_gap(side, side->next, begin);
	return begin < side->next && begin < end ? fill_gaps(side, begin, end) : 0;
}

#endif
