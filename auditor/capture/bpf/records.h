/* SPDX-License-Identifier: BSD-3-Clause */
/* From a packet to a record, and from there into the ring. */
#ifndef RECORDS_H
#define RECORDS_H

#include "parse.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct long_record);
} scratch SEC(".maps");

/* Put the header into the ring; return how many packets were lost by it: 0 or 1.
 *
 * (All functions that are called here return something that is used: the verifier refuses one
 * that leaves a pointer into its caller's stack where a result would be.)
 */
static __noinline __u32 emit(struct record *record, struct counters *counters)
{
	__u64 size = __builtin_offsetof(struct record, data);
	__u32 stored = record->stored;

	size += stored <= HEADER_BYTES ? stored : HEADER_BYTES;
	record->kept = 1;
	if (bpf_ringbuf_output(&packets, record, size, wakeup(&packets, settings.wake_bytes)))
		return 1;
	counters->kept++;
	return 0;
}

static __always_inline __u32 emit_late(struct record *record, struct counters *counters)
{
	if (!record->time || record->kept)
		return 0;
	record->late = 1;
	return emit(record, counters);
}

/* Copy the header of a segment, with the VLAN tag that the kernel has taken out put back; return
 * the length of it.
 */
static __always_inline __u32 load_header(struct __sk_buff *skb, struct record *record, __u32 length)
{
	__u8 *data = record->data;
	__u16 tag[2];

	record->length = skb->len;
	if (length > HEADER_BYTES - TAG_BYTES)
		length = HEADER_BYTES - TAG_BYTES;
	if (!skb->vlan_present || length <= 12)
		return length && !bpf_skb_load_bytes(skb, 0, data, length) ? length : 0;
	tag[0] = skb->vlan_proto;
	tag[1] = swap16(skb->vlan_tci);
	__builtin_memcpy(data + 12, tag, TAG_BYTES);
	if (bpf_skb_load_bytes(skb, 0, data, 12) ||
	    bpf_skb_load_bytes(skb, 12, data + 12 + TAG_BYTES, length - 12))
		return 0;
	record->length += TAG_BYTES;
	return length + TAG_BYTES;
}

/* Put a header and the first ``hello`` bytes of its payload into the ring as one packet. */
static __noinline __u32 emit_with_hello(struct __sk_buff *skb, struct record *record, __u32 offset,
					__u32 hello, struct counters *counters)
{
	__u32 zero = 0;
	struct long_record *whole = bpf_map_lookup_elem(&scratch, &zero);
	__u32 stored = record->stored;

	record->kept = 1;
	if (!whole || !hello || hello > HELLO_BYTES || stored > HEADER_BYTES)
		return 1;
	if (record != &whole->head)
		__builtin_memcpy(&whole->head, record, sizeof(*record));
	if (bpf_skb_load_bytes(skb, offset, whole->head.data + stored, hello))
		return 1;
	stored += hello;
	whole->head.stored = stored;
	if (bpf_ringbuf_output(&packets, whole, __builtin_offsetof(struct record, data) + stored,
			       wakeup(&packets, settings.wake_bytes)))
		return 1;
	counters->kept++;
	return 0;
}

/* Hold the header of a segment back in a record. */
static __always_inline void hold(struct __sk_buff *skb, const struct segment *s, struct flow *flow,
				 struct record *record, __u64 time)
{
	record->time = time;
	record->flow = flow->id;
	record->ifindex = s->key.ifindex;
	record->direction = s->direction;
	record->side = s->side;
	record->kept = 0;
	record->late = 0;
	record->stored = load_header(skb, record, s->offset);
}

#endif
