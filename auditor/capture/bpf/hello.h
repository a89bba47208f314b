/* SPDX-License-Identifier: BSD-3-Clause */
/* How many bytes of a segment's payload belong to the hello, by the position in its stream.
 *
 * The same as auditor/capture/thinning has it: TLS the first 4 KiB of each side, cleartext Bareos
 * the first message of each side, PostgreSQL the start-up and its one-byte answers (bareos.md §3.2).
 */
#ifndef HELLO_H
#define HELLO_H

#include "parse.h"

enum opening { UNDECIDED, TLS, MESSAGE, POSTGRESQL, OTHER };

#define MESSAGE_BYTES 1000000u /* longer ones are refused by Bareos (bareos.md §3.1) */
#define STARTUP_BYTES 10000u   /* longer ones are refused by PostgreSQL */
#define SSL_REQUEST 80877103u
#define GSSENC_REQUEST 80877104u
#define REQUESTS 2 /* libpq asks for GSS, then for SSL */

static __always_inline __u32 big_endian(const __u8 *at)
{
	return (__u32)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

static __always_inline __u32 at_most(__u32 value, __u32 bound)
{
	return value < bound ? value : bound;
}

static __always_inline int is_request(__u32 length, __u32 code)
{
	return length == 8 && (code == SSL_REQUEST || code == GSSENC_REQUEST);
}

static __always_inline int is_startup(__u32 length, __u32 code)
{
	return code >> 16 == 3 && length > 8 && length <= STARTUP_BYTES;
}

static __always_inline int says_hello(const __u8 *p)
{
	return p[4] == 'H' && p[5] == 'e' && p[6] == 'l' && p[7] == 'l' && p[8] == 'o' &&
	       p[9] == ' ';
}

/* Inside a stream two bytes are no proof: ask for a whole ClientHello or ServerHello. */
static __always_inline int is_tls(const struct side *side, const __u8 *p)
{
	if (side->have < 2 || p[0] != 0x16 || p[1] != 3)
		return 0;
	if (!side->strict)
		return 1;
	return side->have >= 11 && p[2] <= 4 && (p[5] == 1 || p[5] == 2) && !p[6] && p[9] == 3;
}

/* What may still become an opening when more bytes come; such bytes are kept meanwhile. */
static __always_inline int is_short(const struct side *side, const __u8 *p)
{
	if (side->strict)
		return 0;
	return (side->have < 2 && p[0] == 0x16) || (side->have < 10 && p[0] == 0);
}

static __always_inline void decide(struct flow *flow, struct side *mine, __u32 side)
{
	const __u8 *p = mine->prefix;
	__u32 length = big_endian(p);
	__u32 code = big_endian(p + 4);

	if (is_tls(mine, p)) {
		mine->opening = TLS;
		mine->limit = HELLO_BYTES;
	} else if (flow->bareos && flow->initiator != side + 1) {
		if (mine->have < 4) {
			mine->limit = 4;
			return;
		}
		/* A signal (negative) or a message with no body is its four bytes. */
		mine->opening = MESSAGE;
		mine->limit = length <= MESSAGE_BYTES ? at_most(4 + length, HELLO_BYTES) : 4;
	} else if (flow->initiator && flow->initiator != side + 1) {
		/* Of an acceptor that answers something else, nothing but PostgreSQL's S or N. */
		mine->opening = OTHER;
	} else if (mine->have >= 10 && length <= MESSAGE_BYTES && says_hello(p)) {
		mine->opening = MESSAGE;
		mine->limit = at_most(4 + length, HELLO_BYTES);
		flow->bareos = 1;
		flow->initiator = side + 1;
	} else if (mine->have >= 8 && (is_request(length, code) || is_startup(length, code))) {
		mine->opening = POSTGRESQL;
		mine->limit = 0;
		mine->message = 0;
		flow->initiator = side + 1;
	} else if (is_short(mine, p)) {
		mine->limit = PREFIX_BYTES;
	} else {
		mine->opening = OTHER;
		mine->limit = 0;
	}
}

/* Collect the first bytes of a stream until they tell what it is. */
static __always_inline void collect(struct __sk_buff *skb, const struct segment *s,
				    struct flow *flow, struct side *mine, __u32 position)
{
	__u32 have = mine->have;
	__u32 more;

	if (have >= PREFIX_BYTES || position != have)
		return;
	more = at_most(s->payload, PREFIX_BYTES);
	if (!more || bpf_skb_load_bytes(skb, s->offset, mine->prefix + have, more))
		return;
	mine->have = at_most(have + more, PREFIX_BYTES);
	decide(flow, mine, s->side);
}

/* PostgreSQL's start-up: requests of eight bytes, then one message; never a password. */
static __always_inline void read_startup(struct __sk_buff *skb, const struct segment *s,
					 struct flow *flow, struct side *mine, __u32 position)
{
	__u8 head[8];
	__u32 length, code;

	if (position != mine->message || s->payload < 8)
		return;
	if (bpf_skb_load_bytes(skb, s->offset, head, sizeof(head)))
		return;
	length = big_endian(head);
	code = big_endian(head + 4);
	if (is_request(length, code) && flow->asked < REQUESTS) {
		mine->message += 8;
		mine->limit = mine->message;
		flow->asked++;
	} else if (is_startup(length, code)) {
		mine->limit = at_most(mine->message + length, HELLO_BYTES);
		mine->message = ~0u;
	} else {
		mine->message = ~0u;
	}
}

/* The acceptor's answer to a request for encryption, a segment of its own. */
static __always_inline __u32 is_refusal_or_consent(struct __sk_buff *skb, const struct segment *s,
						   struct flow *flow, __u32 position)
{
	__u8 answer;

	if (s->payload != 1 || position != flow->answered || flow->answered >= flow->asked)
		return 0;
	if (bpf_skb_load_bytes(skb, s->offset, &answer, 1))
		return 0;
	if (answer != 'N' && answer != 'S') {
		flow->asked = 0;
		return 0;
	}
	flow->answered++;
	return 1;
}

/* Return how many of the first bytes of the payload are hello: 0 … HELLO_BYTES. */
static __noinline __u32 hello_bytes(struct __sk_buff *skb, const struct segment *s,
				    struct flow *flow, struct side *mine)
{
	__u32 seq = s->seq + !!(s->flags & SYN);
	__u32 position;

	if (!s->payload)
		return 0;
	if (!mine->based) {
		mine->base = seq;
		mine->based = 1;
		mine->strict = 1;
	}
	position = seq - mine->base;
	if (position >= HELLO_BYTES)
		return 0;
	if (flow->asked && flow->initiator != s->side + 1)
		return is_refusal_or_consent(skb, s, flow, position);
	if (mine->opening == UNDECIDED)
		collect(skb, s, flow, mine, position);
	if (mine->opening == POSTGRESQL)
		read_startup(skb, s, flow, mine, position);
	if (position >= mine->limit)
		return 0;
	return at_most(s->payload, mine->limit - position);
}

#endif
