/* SPDX-License-Identifier: BSD-3-Clause */
/* What happens to one packet; also built for this machine, by tests/support/bpf_host. */
#ifndef FILTER_H
#define FILTER_H

#include "errors.h"
#include "fragments.h"
#include "thinning.h"

static __always_inline int filter(struct __sk_buff *skb)
{
	__u32 ifindex = skb->ifindex;
	struct counters *counters;
	struct segment s = {};
	int is_segment;

	if (skb->pkt_type == PACKET_OUTGOING && ifindex == settings.loopback)
		return 0;
	counters = bpf_map_lookup_elem(&interfaces, &ifindex);
	if (!counters)
		return 0;
	counters->seen++;
	is_segment = parse(skb, counters->header, &s);
	if (s.piece && keep_piece(skb))
		return 0;
	if (!is_segment) {
		keep_error(skb, counters, &s);
		return 0;
	}
	counters->matched++;
	thin(skb, &s, counters);
	return 0;
}

#endif
