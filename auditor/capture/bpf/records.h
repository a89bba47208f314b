/* SPDX-License-Identifier: BSD-3-Clause */
/* From a packet to a record, from there into the ring; and the records that are held back. */
#ifndef RECORDS_H
#define RECORDS_H

#include "parse.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct long_record);
} scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct counters);
} interfaces SEC(".maps");

/* Count that a record is lost, and return how many that are. */
static __noinline __u32 lose(const struct record *record)
{
	__u32 ifindex = record->ifindex;
	struct counters *counters = bpf_map_lookup_elem(&interfaces, &ifindex);

	if (counters && record->standing == NO_STANDING)
		counters->lost_new++;
	return 1;
}

/* Put a record of that many bytes into the ring; return how many were lost by it: 0 or 1. */
static __always_inline __u32 put(struct record *record, __u64 size)
{
	if ((record->standing != RESERVED && is_reserve_left()) ||
	    bpf_ringbuf_output(&packets, record, size, wakeup(&packets, settings.wake_bytes)))
		return lose(record);
	return 0;
}

/* Put the header into the ring; return how many packets were lost by it: 0 or 1.
 *
 * (All functions that are called here return something that is used: the verifier refuses one
 * that leaves a pointer into its caller's stack where a result would be.)
 */
static __noinline __u32 emit(struct record *record)
{
	__u64 size = __builtin_offsetof(struct record, data);
	__u32 stored = record->stored;

	size += stored <= HEADER_BYTES ? stored : HEADER_BYTES;
	return put(record, size);
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

/* Hold the header of a segment back in a slot. */
VERIFIED_ALONE int hold(struct __sk_buff *skb, const struct segment *s, struct record *record,
			__u64 time, __u64 flow)
{
	if (!s || !record)
		return 0;
	record->time = time;
	record->flow = flow;
	record->ifindex = s->key.ifindex;
	record->direction = s->direction;
	record->side = s->side;
	record->standing = s->standing;
	record->kept = 0;
	record->late = 0;
	record->bare = 0;
	record->stored = load_header(skb, record, s->offset);
	return 0;
}

/* Put the header of a segment and the first ``hello`` bytes of its payload into the ring; return
 * how many packets were lost by it. ``alone``: for that payload only is it kept.
 */
static __always_inline __u32 emit_now(struct __sk_buff *skb, const struct segment *s, __u64 time,
				      __u64 flow, __u32 hello, __u32 alone)
{
	__u32 zero = 0, stored;
	struct long_record *whole = bpf_map_lookup_elem(&scratch, &zero);

	if (!whole)
		return 1;
	hold(skb, s, &whole->head, time, flow);
	stored = whole->head.stored;
	if (!hello || hello > HELLO_BYTES || stored > HEADER_BYTES)
		return emit(&whole->head);
	if (bpf_skb_load_bytes(skb, s->offset, whole->head.data + stored, hello))
		return emit(&whole->head);
	whole->head.bare = alone ? stored : 0;
	stored += hello;
	whole->head.stored = stored;
	return put(&whole->head, __builtin_offsetof(struct record, data) + stored);
}

/* Let no slot of a side hold the segment of that time to be kept once more. */
static __always_inline void mark_kept(struct side *side, __u64 time)
{
	if (side->last_activity.time == time)
		side->last_activity.kept = 1;
	if (side->highest_seq.time == time)
		side->highest_seq.kept = 1;
	if (side->unacked_data.time == time)
		side->unacked_data.kept = 1;
}

/* Keep what a slot of a side holds, unless it is empty or kept already; return how many were lost. */
VERIFIED_ALONE __u32 release(struct side *side, struct record *slot)
{
	if (!side || !slot || !slot->time || slot->kept)
		return 0;
	slot->late = 1;
	mark_kept(side, slot->time);
	return emit(slot);
}

static __always_inline __u32 release_latest(struct side *side)
{
	return release(side, &side->highest_seq) + release(side, &side->last_activity);
}

static __always_inline __u32 release_all(struct side *side)
{
	return release(side, &side->unacked_data) + release_latest(side);
}

#endif
