/* SPDX-License-Identifier: BSD-3-Clause */
/* How many bytes of a segment's payload belong to the hello, by the position in its stream.
 *
 * As auditor/evidence/thinning/payload_policy.py has it (R6 of docs/thinning.md): of TLS the first
 * 4 KiB of each side, of a refusal in its place the alert and TERMINATE, of cleartext Bareos the first message of each side, of PostgreSQL the
 * start-up and the one-byte replies to its requests (bareos.md §3.2).
 */
#ifndef HELLO_H
#define HELLO_H

#include "parse.h"

enum protocol { UNDECIDED, TLS, BAREOS_MESSAGE, POSTGRESQL, OTHER };

#define MESSAGE_BYTES 1000000u /* longer ones are refused by Bareos (bareos.md §3.1) */
#define REFUSAL_BYTES 11       /* a TLS alert and TERMINATE (bareos.md §11) */
#define STARTUP_BYTES 10000u   /* longer ones are refused by PostgreSQL */
#define SSL_REQUEST 80877103u
#define GSSENC_REQUEST 80877104u
#define MAX_REQUESTS 2 /* libpq asks for GSS, then for SSL */

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

static __always_inline int is_hello_line(const __u8 *p)
{
	return p[4] == 'H' && p[5] == 'e' && p[6] == 'l' && p[7] == 'l' && p[8] == 'o' &&
	       p[9] == ' ';
}

/* Amid a stream two bytes are no proof: a whole ClientHello or ServerHello has to be there. */
static __always_inline int is_tls(const struct side *side, const __u8 *p)
{
	if (side->prefix_length < 2 || p[0] != 0x16 || p[1] != 3)
		return 0;
	if (!side->start_guessed)
		return 1;
	return side->prefix_length >= 11 && p[2] <= 4 && (p[5] == 1 || p[5] == 2) && !p[6] &&
	       p[9] == 3;
}

/* A stream that begins with an alert has nothing but a refusal in it. */
static __always_inline int is_alert(const struct side *side, const __u8 *p)
{
	return !side->start_guessed && side->prefix_length >= 2 && p[0] == 0x15 && p[1] == 3;
}

/* Whether more bytes may show what the stream is; these are kept meanwhile. */
static __always_inline int may_become_hello(const struct side *side, const __u8 *p)
{
	if (side->start_guessed)
		return 0;
	return (side->prefix_length < 2 && (p[0] == 0x15 || p[0] == 0x16)) ||
	       (side->prefix_length < 10 && p[0] == 0);
}

static __always_inline void recognise(struct flow *flow, struct side *mine, __u32 side)
{
	const __u8 *p = mine->prefix;
	__u32 length = big_endian(p);
	__u32 code = big_endian(p + 4);

	if (is_tls(mine, p)) {
		mine->protocol = TLS;
		mine->hello_end = HELLO_BYTES;
	} else if (is_alert(mine, p)) {
		mine->protocol = TLS;
		mine->hello_end = REFUSAL_BYTES;
	} else if (flow->cleartext && flow->initiator != side + 1) {
		if (mine->prefix_length < 4) {
			mine->hello_end = 4;
			return;
		}
		/* A signal (negative) or a message with no body is its four bytes. */
		mine->protocol = BAREOS_MESSAGE;
		mine->hello_end = length <= MESSAGE_BYTES ? at_most(4 + length, HELLO_BYTES) : 4;
	} else if (flow->initiator && flow->initiator != side + 1) {
		/* Of any other acceptor's stream nothing is kept but PostgreSQL's S or N. */
		mine->protocol = OTHER;
	} else if (mine->prefix_length >= 10 && length <= MESSAGE_BYTES && is_hello_line(p)) {
		mine->protocol = BAREOS_MESSAGE;
		mine->hello_end = at_most(4 + length, HELLO_BYTES);
		flow->cleartext = 1;
		flow->initiator = side + 1;
	} else if (mine->prefix_length >= 8 &&
		   (is_request(length, code) || is_startup(length, code))) {
		mine->protocol = POSTGRESQL;
		mine->hello_end = 0;
		mine->next_message = 0;
		flow->initiator = side + 1;
	} else if (may_become_hello(mine, p)) {
		mine->hello_end = PREFIX_BYTES;
	} else {
		mine->protocol = OTHER;
		mine->hello_end = 0;
	}
}

/* Collect the first bytes of a stream until the protocol is known. */
static __always_inline void collect(struct __sk_buff *skb, const struct segment *s,
				    struct flow *flow, struct side *mine, __u32 position)
{
	__u32 have = mine->prefix_length;
	__u32 more;

	if (have >= PREFIX_BYTES || position != have)
		return;
	more = at_most(s->payload, PREFIX_BYTES);
	if (!more || bpf_skb_load_bytes(skb, s->offset, mine->prefix + have, more))
		return;
	mine->prefix_length = at_most(have + more, PREFIX_BYTES);
	recognise(flow, mine, s->side);
}

/* PostgreSQL's start-up: requests of eight bytes, then one message; never a password. */
static __always_inline void read_startup(struct __sk_buff *skb, const struct segment *s,
					 struct flow *flow, struct side *mine, __u32 position)
{
	__u8 head[8];
	__u32 length, code;

	if (position != mine->next_message || s->payload < 8)
		return;
	if (bpf_skb_load_bytes(skb, s->offset, head, sizeof(head)))
		return;
	length = big_endian(head);
	code = big_endian(head + 4);
	if (is_request(length, code) && flow->requests < MAX_REQUESTS) {
		mine->next_message += 8;
		mine->hello_end = mine->next_message;
		flow->requests++;
	} else if (is_startup(length, code)) {
		mine->hello_end = at_most(mine->next_message + length, HELLO_BYTES);
		mine->next_message = ~0u;
	} else {
		mine->next_message = ~0u;
	}
}

/* The acceptor's reply to a request for encryption, a segment of its own. */
static __always_inline __u32 encryption_reply(struct __sk_buff *skb, const struct segment *s,
						   struct flow *flow, __u32 position)
{
	__u8 reply;

	if (s->payload != 1 || position != flow->replies || flow->replies >= flow->requests)
		return 0;
	if (bpf_skb_load_bytes(skb, s->offset, &reply, 1))
		return 0;
	if (reply != 'N' && reply != 'S') {
		flow->requests = 0;
		return 0;
	}
	flow->replies++;
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
	if (!mine->has_start) {
		mine->start_seq = seq;
		mine->has_start = 1;
		mine->start_guessed = 1;
	}
	position = seq - mine->start_seq;
	if (position >= HELLO_BYTES)
		return 0;
	if (flow->requests && flow->initiator != s->side + 1)
		return encryption_reply(skb, s, flow, position);
	if (mine->protocol == UNDECIDED)
		collect(skb, s, flow, mine, position);
	if (mine->protocol == POSTGRESQL)
		read_startup(skb, s, flow, mine, position);
	if (position >= mine->hello_end)
		return 0;
	return at_most(s->payload, mine->hello_end - position);
}

#endif
