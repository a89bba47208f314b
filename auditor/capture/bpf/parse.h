/* SPDX-License-Identifier: BSD-3-Clause */
/* From a packet to a TCP segment on one of the ports. Every byte is hostile. */
#ifndef PARSE_H
#define PARSE_H

#include "bareos_audit.h"
#include "headers.h"

enum { PACKET_OUTGOING = 4 };
enum { INBOUND = 1, OUTBOUND = 2 };
enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };
enum { FIRST = 1, LATER };
enum { NO_STANDING, STANDING, RESERVED }; /* see standing.h */

#define EXTENSION_HEADERS 8
#define VLAN_TAGS 2
#define TAG_BYTES 4

struct segment {
	struct flow_key key;
	__u32 side;
	__u32 offset;	    /* of the payload, in the packet */
	__u32 payload;	    /* bytes */
	__u32 seq;
	__u32 ack;
	__u32 ident;	    /* as auditor/packets/segments.py has it */
	__u16 window;
	__u8 flags;
	__u8 direction;
	__u8 standing;
	__u8 piece; /* it is an IP fragment, and which */
};

/* What the network header says. */
struct network {
	__u32 source[4];
	__u32 destination[4];
	__u32 transport; /* offset of the TCP header */
	__u32 end;	 /* offset behind the datagram; without Ethernet's padding */
	__u32 ident;
	__u32 number; /* of the packet that it is a fragment of */
	__u32 piece;  /* FIRST or LATER; 0: it is no fragment */
};

static __always_inline void map_address(__u32 *to, __u32 address)
{
	to[0] = 0;
	to[1] = 0;
	to[2] = swap32(0xffff);
	to[3] = address;
}

static __always_inline int parse_ipv4(struct __sk_buff *skb, __u32 at, struct network *net)
{
	struct ipv4_header ip;

	if (bpf_skb_load_bytes(skb, at, &ip, sizeof(ip)))
		return 0;
	if (ip.version_ihl >> 4 != 4 || (ip.version_ihl & 15) < 5 || ip.protocol != 6)
		return 0;
	map_address(net->source, ip.source);
	map_address(net->destination, ip.destination);
	net->number = net->ident = swap16(ip.ident);
	if (swap16(ip.fragment) & 0x3fff)
		net->piece = swap16(ip.fragment) & 0x1fff ? LATER : FIRST;
	if (net->piece == LATER)
		return 0;
	net->transport = at + (ip.version_ihl & 15) * 4;
	/* 0: larger than the field can say, as offloading makes them. */
	net->end = ip.total ? at + swap16(ip.total) : skb->len;
	return 1;
}

static __always_inline int may_lead_to_tcp(__u8 next)
{
	return next == 6 || next == 0 || next == 43 || next == 51 || next == 60;
}

static __always_inline int parse_ipv6(struct __sk_buff *skb, __u32 at, struct network *net)
{
	struct ipv6_header ip;
	__u8 extension[8];
	__u8 next;

	if (bpf_skb_load_bytes(skb, at, &ip, sizeof(ip)))
		return 0;
	if ((swap32(ip.version) >> 28) != 6)
		return 0;
	__builtin_memcpy(net->source, ip.source, 16);
	__builtin_memcpy(net->destination, ip.destination, 16);
	net->ident = 0x10000 | (swap32(ip.version) & 0xffff);
	net->end = ip.payload ? at + sizeof(ip) + swap16(ip.payload) : skb->len;
	at += sizeof(ip);
	next = ip.next;
	for (int i = 0; i < EXTENSION_HEADERS && next != 6; i++) {
		if (bpf_skb_load_bytes(skb, at, extension, sizeof(extension)))
			return 0;
		if (next == 0 || next == 43 || next == 60) {
			at += 8 + extension[1] * 8;
		} else if (next == 44) {
			__u16 place = extension[2] << 8 | extension[3];

			if (place & 0xfff9) {
				net->piece = place & 0xfff8 ? LATER : FIRST;
				net->number = *(__u32 *)&extension[4];
			}
			if (place & 0xfff8) {
				if (!may_lead_to_tcp(extension[0]))
					net->piece = 0;
				return 0;
			}
			at += 8;
		} else if (next == 51) {
			at += 8 + extension[1] * 4;
		} else {
			return 0;
		}
		next = extension[0];
	}
	net->transport = at;
	return next == 6;
}

/* Return the EtherType of the network header, and let ``header`` be where that begins; 0: none. */
static __always_inline __u16 network_type(struct __sk_buff *skb, __u32 *header)
{
	__u16 type;
	__u8 version;

	if (!*header) {
		if (bpf_skb_load_bytes(skb, 0, &version, 1))
			return 0;
		return version >> 4 == 4 ? ETH_P_IP : ETH_P_IPV6;
	}
	if (bpf_skb_load_bytes(skb, 12, &type, 2))
		return 0;
	type = swap16(type);
	for (int i = 0; i < VLAN_TAGS; i++) {
		if (type != ETH_P_8021Q && type != ETH_P_8021AD)
			break;
		if (bpf_skb_load_bytes(skb, *header + 2, &type, 2))
			return 0;
		type = swap16(type);
		*header += TAG_BYTES;
	}
	return type;
}

VERIFIED_ALONE int parse_network(struct __sk_buff *skb, __u32 header, struct network *net)
{
	__u16 type = network_type(skb, &header);

	if (!net)
		return 0;
	if (type == ETH_P_IP)
		return parse_ipv4(skb, header, net);
	if (type == ETH_P_IPV6)
		return parse_ipv6(skb, header, net);
	return 0;
}

/* Order two endpoints without regard to who sent: 1 when the sender is the higher one. */
static __always_inline __u32 is_higher(const struct network *net, __u16 source, __u16 destination)
{
	for (int i = 0; i < 4; i++)
		if (net->source[i] != net->destination[i])
			return net->source[i] > net->destination[i];
	return source > destination;
}

static __always_inline void make_key(struct segment *s, const struct network *net, __u16 source,
				     __u16 destination, __u32 ifindex)
{
	s->side = is_higher(net, source, destination);
	s->key.ifindex = ifindex;
	if (s->side) {
		__builtin_memcpy(s->key.low, net->destination, 16);
		__builtin_memcpy(s->key.high, net->source, 16);
		s->key.low_port = destination;
		s->key.high_port = source;
	} else {
		__builtin_memcpy(s->key.low, net->source, 16);
		__builtin_memcpy(s->key.high, net->destination, 16);
		s->key.low_port = source;
		s->key.high_port = destination;
	}
}

static __always_inline int parse_common(struct __sk_buff *skb, __u32 header,
					struct network *net, struct tcp_header *tcp)
{
	struct common_headers all;

	if (header != 14 || bpf_skb_load_bytes(skb, 0, &all, sizeof(all)))
		return 0;
	if (all.type != swap16(ETH_P_IP) || all.ip.version_ihl != 0x45 || all.ip.protocol != 6 ||
	    all.ip.fragment & swap16(0x3fff))
		return 0;
	map_address(net->source, all.ip.source);
	map_address(net->destination, all.ip.destination);
	net->ident = swap16(all.ip.ident);
	net->transport = 14 + sizeof(struct ipv4_header);
	net->end = all.ip.total ? 14 + swap16(all.ip.total) : skb->len;
	*tcp = all.tcp;
	return 1;
}

/* Fill ``s``; 0 when the packet is no TCP segment on one of our ports. */
static __always_inline int parse(struct __sk_buff *skb, __u32 header, struct segment *s)
{
	struct network net = {};
	struct tcp_header tcp;
	__u16 source, destination;

	if (!parse_common(skb, header, &net, &tcp)) {
		int found = parse_network(skb, header, &net);

		s->piece = net.piece;
		if (!found)
			return 0;
		if (bpf_skb_load_bytes(skb, net.transport, &tcp, sizeof(tcp)))
			return 0;
	}
	source = swap16(tcp.source);
	destination = swap16(tcp.destination);
	if (!is_wanted(source) && !is_wanted(destination))
		return 0;
	if (tcp.offset >> 4 < 5)
		return 0;
	make_key(s, &net, source, destination, skb->ifindex);
	s->seq = swap32(tcp.seq);
	s->ack = swap32(tcp.ack);
	s->ident = net.ident;
	s->window = swap16(tcp.window);
	s->flags = tcp.flags;
	s->direction = skb->pkt_type == PACKET_OUTGOING ? OUTBOUND : INBOUND;
	s->offset = net.transport + (tcp.offset >> 4) * 4;
	if (net.end > skb->len)
		net.end = skb->len;
	s->payload = net.end > s->offset ? net.end - s->offset : 0;
	return 1;
}

#endif
