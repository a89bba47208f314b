/* SPDX-License-Identifier: BSD-3-Clause */
/* How many bytes of a segment's payload may be handshake or hello (R6 of docs/thinning.md).
 *
 * A coarse bound on what leaves the kernel. What of it is kept, user space decides before anything
 * is written, by the rules P1 to P8 and by the same code for every backend: whether a message fits
 * to its own end cannot be told here, where segments come out of order and cannot wait. Nor can it
 * what contradicts an earlier copy (P11), whatever the side speaks.
 */
#ifndef HELLO_H
#define HELLO_H

#include "sequence.h"

#define HELLO_SEGMENTS 64 /* as in auditor/evidence/thinning/tables.py */

/* Return how many of the first bytes of the payload may be hello: 0 … HELLO_BYTES. */
static __always_inline __u32 hello_bytes(const struct segment *s, struct side *mine, __u32 offset)
{
	__u32 left = HELLO_BYTES - offset;

	if (mine->hello_segments >= HELLO_SEGMENTS)
		return 0;
	mine->hello_segments++;
	return s->payload < left ? s->payload : left;
}

#endif
