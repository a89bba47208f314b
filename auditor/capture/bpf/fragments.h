/* SPDX-License-Identifier: BSD-3-Clause */
/* IP fragments. They are not thinned here: user space puts them together and cuts what they make by
 * the rules that hold for all (auditor/packets/reassembly.py), before anything is written. Handed on
 * are all of TCP but those that can hold neither hello nor probe, and so many in a second.
 */
#ifndef FRAGMENTS_H
#define FRAGMENTS_H

#include "flows.h"
#include "syn.h"

#define PIECES_PER_SECOND 4096 /* of an interface, on each processor */
#define SECOND 1000000000ull
#define BULK_BYTES 256 /* a first fragment with more than that is no probe */

enum { HANDED_ON = 1, PASSED_OVER };

struct piece_key {
	__u32 source[4];
	__u32 destination[4];
	__u32 number; /* the IP identification */
	__u32 ifindex;
};

/* What became of the first fragment of a packet. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct piece_key);
	__type(value, __u32);
} pieces SEC(".maps");

static __always_inline int has_budget(struct counters *counters, __u64 time)
{
	if (time - counters->pieces_since >= SECOND) {
		counters->pieces_since = time;
		counters->pieces = 0;
	}
	return ++counters->pieces <= PIECES_PER_SECOND;
}

/* Whether a first fragment with a whole TCP header is of data behind the hello. */
static __noinline int is_bulk(const struct segment *s)
{
	struct flow *flow;
	struct side *mine;

	if (s->flags & (SYN | FIN | RST) || s->payload < BULK_BYTES)
		return 0;
	flow = find(&s->key);
	if (!flow)
		return 0;
	mine = &flow->sides[s->side & 1];
	if (!(mine->bits & HAS_ISN))
		return flow->settled;
	return s->seq - (__u32)mine->isn - 1 - HELLO_BYTES < 1u << 31;
}

/* A SYN in fragments begins a flow here as well, or its hello would be taken for data: whatever its
 * flags are, which the first fragment need not hold. What is a hello, user space decides.
 */
static __noinline int begin_flow(const struct segment *s, struct counters *counters)
{
	struct flow *flow = find(&s->key);

	if (flow || s->flags & ACK)
		return 0;
	flow = find_or_add(&s->key, counters);
	if (flow)
		record_syn(&flow->sides[s->side & 1], s);
	return 1;
}

static __noinline int hand_on(struct __sk_buff *skb, struct segment *s, struct counters *counters)
{
	__u64 time = bpf_ktime_get_boot_ns();
	__u32 size = skb->len, rest = 0;

	counters->matched++;
	if (!has_budget(counters, time)) {
		counters->lost++;
		counters->lost_new++;
		return 1;
	}
	if (size > HEADER_BYTES - TAG_BYTES) {
		rest = size - (HEADER_BYTES - TAG_BYTES);
		size = HEADER_BYTES - TAG_BYTES;
	}
	s->offset = size;
	s->side = 0;
	s->direction = skb->pkt_type == PACKET_OUTGOING ? OUTBOUND : INBOUND;
	counters->lost += emit_now(skb, s, time, 0, rest < HELLO_BYTES ? rest : HELLO_BYTES, 0);
	return 1;
}

/* Fill ``s`` from a TCP header of which the first eight bytes are there, or more; 0: it is not on
 * one of our ports.
 */
static __always_inline int first_bytes(struct __sk_buff *skb, const struct network *net,
				       struct segment *s)
{
	struct tcp_header tcp = {};
	__u16 source, destination;
	__u32 behind;

	if (bpf_skb_load_bytes(skb, net->transport, &tcp, sizeof(tcp)) &&
	    bpf_skb_load_bytes(skb, net->transport, &tcp, 8))
		return 0;
	source = swap16(tcp.source);
	destination = swap16(tcp.destination);
	if (!is_wanted(source) && !is_wanted(destination))
		return 0;
	make_key(s, net, source, destination, skb->ifindex);
	s->seq = swap32(tcp.seq);
	s->flags = tcp.flags;
	behind = net->transport + (tcp.offset >> 4) * 4;
	s->payload = tcp.offset && net->end > behind ? net->end - behind : 0;
	return 1;
}

/* Hand a fragment on, or pass it over; 0: it is to be thinned as if it were whole. */
VERIFIED_ALONE int keep_piece(struct __sk_buff *skb)
{
	struct network net = {};
	struct piece_key key = {};
	struct segment s = {};
	struct counters *counters;
	__u32 *known, handed = HANDED_ON, passed = PASSED_OVER;

	key.ifindex = skb->ifindex;
	counters = bpf_map_lookup_elem(&interfaces, &key.ifindex);
	if (!counters)
		return 1;
	parse_network(skb, counters->header, &net);
	__builtin_memcpy(key.source, net.source, 16);
	__builtin_memcpy(key.destination, net.destination, 16);
	key.number = net.number;
	known = bpf_map_lookup_elem(&pieces, &key);
	if (net.piece == LATER) {
		s.key.ifindex = key.ifindex;
		return known && *known == PASSED_OVER ? 1 : hand_on(skb, &s, counters);
	}
	if (!first_bytes(skb, &net, &s))
		return 1;
	if (is_bulk(&s)) {
		if (!known)
			bpf_map_update_elem(&pieces, &key, &passed, BPF_NOEXIST);
		return 0;
	}
	if (known)
		*known = HANDED_ON;
	else
		bpf_map_update_elem(&pieces, &key, &handed, BPF_NOEXIST);
	begin_flow(&s, counters);
	return hand_on(skb, &s, counters);
}

#endif
