/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMP errors that quote a segment of a known flow (R8 of docs/thinning.md): kept up to the quoted
 * header.
 */
#ifndef ERRORS_H
#define ERRORS_H

#include "flows.h"
#include "records.h"

enum { ICMP = 1, TCP = 6, ICMPV6 = 58 };

#define BEFORE_QUOTATION 8 /* bytes of an ICMP error before what it quotes */
#define QUOTED_TCP 20	   /* a longer header is cut: only ports and number are looked at */

/* Find the quoted TCP header and its addresses; 0: no error about TCP. ``at``: the IPv4 header. */
static __always_inline int quoted_by_icmp(struct __sk_buff *skb, __u32 at, struct network *net)
{
	struct ipv4_header ip;
	__u8 type;

	if (bpf_skb_load_bytes(skb, at, &ip, sizeof(ip)))
		return 0;
	if (ip.version_ihl >> 4 != 4 || (ip.version_ihl & 15) < 5 || ip.protocol != ICMP ||
	    swap16(ip.fragment) & 0x3fff)
		return 0;
	at += (ip.version_ihl & 15) * 4;
	if (bpf_skb_load_bytes(skb, at, &type, sizeof(type)) || (type != 3 && type != 11))
		return 0;
	at += BEFORE_QUOTATION;
	if (bpf_skb_load_bytes(skb, at, &ip, sizeof(ip)))
		return 0;
	if (ip.version_ihl >> 4 != 4 || (ip.version_ihl & 15) < 5 || ip.protocol != TCP ||
	    swap16(ip.fragment) & 0x1fff)
		return 0;
	map_address(net->source, ip.source);
	map_address(net->destination, ip.destination);
	net->transport = at + (ip.version_ihl & 15) * 4;
	return 1;
}

/* The same for IPv6; neither header may be followed by extension headers. */
static __always_inline int quoted_by_icmpv6(struct __sk_buff *skb, __u32 at, struct network *net)
{
	struct ipv6_header ip;
	__u8 type;

	if (bpf_skb_load_bytes(skb, at, &ip, sizeof(ip)) || ip.next != ICMPV6)
		return 0;
	at += sizeof(ip);
	if (bpf_skb_load_bytes(skb, at, &type, sizeof(type)) || type < 1 || type > 3)
		return 0;
	at += BEFORE_QUOTATION;
	if (bpf_skb_load_bytes(skb, at, &ip, sizeof(ip)))
		return 0;
	if (swap32(ip.version) >> 28 != 6 || ip.next != TCP)
		return 0;
	__builtin_memcpy(net->source, ip.source, 16);
	__builtin_memcpy(net->destination, ip.destination, 16);
	net->transport = at + sizeof(ip);
	return 1;
}

/* Return where the quoted TCP header begins, and let ``key`` be its flow; 0: it is none of ours. */
static __noinline __u32 quoted_segment(struct __sk_buff *skb, __u32 header, struct segment *s)
{
	__u16 type = network_type(skb, &header);
	struct network net = {};
	__u16 ports[2];
	int found = 0;

	if (type == ETH_P_IP)
		found = quoted_by_icmp(skb, header, &net);
	else if (type == ETH_P_IPV6)
		found = quoted_by_icmpv6(skb, header, &net);
	if (!found || net.transport + BEFORE_QUOTATION > skb->len ||
	    bpf_skb_load_bytes(skb, net.transport, ports, sizeof(ports)))
		return 0;
	ports[0] = swap16(ports[0]);
	ports[1] = swap16(ports[1]);
	if (!is_wanted(ports[0]) && !is_wanted(ports[1]))
		return 0;
	make_key(s, &net, ports[0], ports[1], skb->ifindex);
	return net.transport;
}

/* Keep an ICMP error about a segment of a flow that is known. */
static __always_inline void keep_error(struct __sk_buff *skb, struct counters *counters,
				       struct segment *s)
{
	__u32 end = quoted_segment(skb, counters->header, s);

	if (!end)
		return;
	counters->matched++;
	if (!find(&s->key))
		return;
	end += QUOTED_TCP;
	s->offset = end > skb->len ? skb->len : end;
	s->side = 0;
	s->direction = skb->pkt_type == PACKET_OUTGOING ? OUTBOUND : INBOUND;
	counters->lost += emit_now(skb, s, bpf_ktime_get_boot_ns(), 0, 0, 0);
}

#endif
