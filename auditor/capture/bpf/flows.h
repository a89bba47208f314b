/* SPDX-License-Identifier: BSD-3-Clause */
/* The tables of flows and interfaces, and the lock of a side. */
#ifndef FLOWS_H
#define FLOWS_H

#include "bareos_audit.h"

#define LOCK_ATTEMPTS 256 /* some ten microseconds; a holder needs a quarter of one */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct flow_key);
	__type(value, struct flow);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct counters);
} interfaces SEC(".maps");

/* Zeroes to begin a flow with: too large for the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct flow);
} blank SEC(".maps");

/* Segments of one direction may be processed at once on two processors, and socket filters may not
 * use bpf_spin_lock. Nothing preempts a filter (softirqs are off), so that waiting is short. No
 * side is locked while another one is: under load both directions of a flow are busy at once.
 */
static __always_inline int lock(struct side *side)
{
	for (int i = 0; i < LOCK_ATTEMPTS; i++) {
		__u32 seen = *(volatile __u32 *)&side->lock;

		if (!(seen & 1) && __sync_val_compare_and_swap(&side->lock, seen, seen + 1) == seen)
			return 1;
		bpf_ktime_get_boot_ns(); /* takes a while: the verifier allows few rounds */
	}
	return 0;
}

static __always_inline void unlock(struct side *side)
{
	/* Only with its result used is this a full barrier on every machine. */
	__u32 before = __sync_fetch_and_add(&side->lock, 1);

	asm volatile("" : : "r"(before));
}

static __always_inline struct flow *find_or_add(const struct flow_key *key)
{
	struct flow *flow = bpf_map_lookup_elem(&flows, key);
	__u32 zero = 0;
	void *empty;

	if (flow)
		return flow;
	empty = bpf_map_lookup_elem(&blank, &zero);
	if (!empty)
		return 0;
	bpf_map_update_elem(&flows, key, empty, BPF_NOEXIST);
	return bpf_map_lookup_elem(&flows, key);
}

static __always_inline void set_id(struct flow *flow)
{
	__u64 id = bpf_ktime_get_boot_ns() << 6 | (bpf_get_smp_processor_id() & 63);
	__u64 before = __sync_val_compare_and_swap(&flow->id, 0, id);

	asm volatile("" : : "r"(before));
}

#endif
