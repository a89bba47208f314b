/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMP errors that quote a segment of ours (R8 of docs/thinning.md): kept up to the quoted header. */
#ifndef ERRORS_H
#define ERRORS_H

#include "records.h"

enum { ICMP = 1, TCP = 6, ICMPV6 = 58 };

#define BEFORE_QUOTATION 8 /* bytes of an ICMP error before what it quotes */
#define QUOTED_TCP 20	   /* a longer header is cut: only ports and number are looked at */

/* Return where the quoted TCP header begins; 0: no error about TCP. ``at``: the IPv4 header. */
static __always_inline __u32 quoted_by_icmp(struct __sk_buff *skb, __u32 at)
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
	return at + (ip.version_ihl & 15) * 4;
}

/* The same for IPv6; neither header may be followed by extension headers. */
static __always_inline __u32 quoted_by_icmpv6(struct __sk_buff *skb, __u32 at)
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
	return at + sizeof(ip);
}

/* Return where the quoted TCP header of ours begins, or 0. */
static __noinline __u32 quoted_segment(struct __sk_buff *skb, __u32 header)
{
	__u16 type = network_type(skb, &header);
	__u32 tcp = 0;
	__u16 ports[2];

	if (type == ETH_P_IP)
		tcp = quoted_by_icmp(skb, header);
	else if (type == ETH_P_IPV6)
		tcp = quoted_by_icmpv6(skb, header);
	if (!tcp || tcp + BEFORE_QUOTATION > skb->len ||
	    bpf_skb_load_bytes(skb, tcp, ports, sizeof(ports)))
		return 0;
	return is_wanted(swap16(ports[0])) || is_wanted(swap16(ports[1])) ? tcp : 0;
}

/* Keep an ICMP error about a segment of ours. */
static __always_inline void keep_error(struct __sk_buff *skb, struct counters *counters)
{
	__u32 end = quoted_segment(skb, counters->header);
	struct long_record *whole;
	__u32 zero = 0;

	if (!end)
		return;
	whole = bpf_map_lookup_elem(&scratch, &zero);
	if (!whole)
		return;
	counters->matched++;
	end += QUOTED_TCP;
	if (end > skb->len)
		end = skb->len;
	whole->head.time = bpf_ktime_get_boot_ns();
	whole->head.flow = 0;
	whole->head.ifindex = skb->ifindex;
	whole->head.direction = skb->pkt_type == PACKET_OUTGOING ? OUTBOUND : INBOUND;
	whole->head.side = 0;
	whole->head.kept = 0;
	whole->head.late = 0;
	whole->head.stored = load_header(skb, &whole->head, end);
	counters->lost += emit(&whole->head, counters);
}

#endif
