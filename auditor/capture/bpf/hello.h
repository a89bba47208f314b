/* SPDX-License-Identifier: BSD-3-Clause */
/* How many bytes of a segment's payload may be handshake or hello (R6 of docs/thinning.md).
 *
 * A coarse bound on what leaves the kernel. What of it is kept, user space decides before anything
 * is written, by the rules P1 to P8 and by the same code for every backend: whether a message fits
 * to its own end cannot be told here, where segments come out of order and cannot wait.
 */
#ifndef HELLO_H
#define HELLO_H

#include "sequence.h"

#define HELLO_SEGMENTS 64      /* as in auditor/evidence/thinning/tables.py */
#define MESSAGE_BYTES 1000000u /* longer ones are refused by Bareos (bareos.md §3.1) */
#define REFUSAL_BYTES 11       /* a TLS alert and TERMINATE (bareos.md §11) */
#define RECORD_BYTES 18432     /* the longest of TLS 1.2 (RFC 5246 §6.2.3) */
#define HEAD_BYTES 8

static __always_inline __u32 big_endian(const __u8 *at)
{
	return (__u32)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

/* A message begins with its length, a signal with a negative one; so does what a client of
 * PostgreSQL sends first, whose requests for encryption are followed by more.
 */
static __always_inline __u32 message_limit(const __u8 *head, __u32 length)
{
	__u32 size;

	if (length < 4)
		return HELLO_BYTES;
	size = big_endian(head);
	if ((__s32)size < 0)
		return 4;
	if (length >= 6 && size == 8 && head[4] == 4 && head[5] == 0xd2)
		return HELLO_BYTES;
	if (size > MESSAGE_BYTES)
		return 0;
	return size < HELLO_BYTES - 4 ? size + 4 : HELLO_BYTES;
}

/* PostgreSQL's acceptor replies to each request by one byte, and goes on with TLS after the last. */
static __always_inline int is_reply(const __u8 *head, __u32 length)
{
	if (head[0] != 'N' && head[0] != 'S')
		return 0;
	return length == 1 || head[1] == 'N' || head[1] == 'S' || head[1] == 0x16;
}

/* How far into a stream payload may be hello, by the bytes that it begins with. */
static __always_inline __u32 limit_by(const __u8 *head, __u32 length)
{
	if (length > 1 && (head[0] == 0x15 || head[0] == 0x16) && head[1] != 3)
		return 0;
	if (head[0] == 0x15)
		return REFUSAL_BYTES;
	if (head[0] == 0x16 || is_reply(head, length))
		return HELLO_BYTES;
	return head[0] == 0 || head[0] == 0xff ? message_limit(head, length) : 0;
}

/* Of a stream that is seen from its middle on: if it goes on with a TLS record, that is told (P1),
 * and its SYN may come late.
 */
static __always_inline __u32 limit_amid(const __u8 *head, __u32 length)
{
	__u32 size = head[3] << 8 | head[4];

	return length > 4 && head[0] >= 20 && head[0] <= 23 && head[1] == 3 && head[2] <= 4 &&
	       size && size <= RECORD_BYTES ? HELLO_BYTES : 0;
}

/* Return how many of the first bytes of the payload may be hello: 0 … HELLO_BYTES. */
VERIFIED_ALONE __u32 hello_bytes(struct __sk_buff *skb, const struct segment *s,
				 struct side *mine, __u32 offset)
{
	__u8 head[HEAD_BYTES] = {};
	__u32 length, left;

	if (!s || !mine)
		return 0;
	length = s->payload < HEAD_BYTES ? s->payload : HEAD_BYTES;
	if (offset >= mine->hello_limit || !length || mine->hello_segments >= HELLO_SEGMENTS)
		return 0;
	if (!offset && !bpf_skb_load_bytes(skb, s->offset, head, length))
		mine->hello_limit = mine->bits & HAS_ISN ? limit_by(head, length)
							 : limit_amid(head, length);
	if (offset >= mine->hello_limit)
		return 0;
	mine->hello_segments++;
	left = mine->hello_limit - offset;
	return s->payload < left ? s->payload : left;
}

#endif
