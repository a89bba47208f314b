/* SPDX-License-Identifier: BSD-3-Clause */
/* The headers of packets as they are on the wire: numbers in network byte order. */
#ifndef HEADERS_H
#define HEADERS_H

#include "helpers.h"

enum { ETH_P_IP = 0x0800, ETH_P_IPV6 = 0x86DD, ETH_P_8021Q = 0x8100, ETH_P_8021AD = 0x88A8 };

struct ipv4_header {
	__u8 version_ihl;
	__u8 tos;
	__u16 total;
	__u16 ident;
	__u16 fragment;
	__u8 ttl;
	__u8 protocol;
	__u16 checksum;
	__u32 source;
	__u32 destination;
};

struct ipv6_header {
	__u32 version;
	__u16 payload;
	__u8 next;
	__u8 hops;
	__u32 source[4];
	__u32 destination[4];
};

struct tcp_header {
	__u16 source;
	__u16 destination;
	__u32 seq;
	__u32 ack;
	__u8 offset;
	__u8 flags;
	__u16 window;
};

/* What nearly every packet is: Ethernet, IPv4 without options, TCP. One copy instead of three. */
struct common_headers {
	__u16 link[6];
	__u16 type;
	struct ipv4_header ip;
	struct tcp_header tcp;
} __attribute__((packed));

#endif
