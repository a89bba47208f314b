/* SPDX-License-Identifier: BSD-3-Clause */
/* The tables of flows, and the lock of a flow.
 *
 * A flow is *proven* when its opener acknowledges what the acceptor's SYN-ACK began with, which
 * nobody can who sends SYNs with forged addresses; where no handshake was seen, when both sides sent
 * something in the stream; or when it had many segments: a tap may see one side only. Only then it
 * moves to ``flows``, from which nobody but user space removes it. Until then it is in ``unproven``,
 * where whatever is new takes the place of what was not looked at for longest: no flood of SYNs
 * keeps a connection out. Nothing is lost with what has to go: until a flow is proven every segment
 * of it is kept.
 */
#ifndef FLOWS_H
#define FLOWS_H

#include "records.h"
#include "sequence.h"

#define LOCK_ATTEMPTS 1024 /* some forty microseconds; a holder needs a quarter of one, if it runs */
#define MANY_SEGMENTS 64  /* of a flow of which only one side is seen */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct flow_key);
	__type(value, struct flow);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct flow_key);
	__type(value, struct flow);
} unproven SEC(".maps");

/* What a flow begins with: too large for the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct flow);
} blank SEC(".maps");

/* Segments of one flow may be processed at once on two processors, and socket filters may not use
 * bpf_spin_lock. Nothing preempts a filter (softirqs are off), so that waiting is short. Return what
 * unlocks it, or 0. A flow whose place another one has taken meanwhile is not unlocked by it.
 */
static __always_inline __u32 lock(struct flow *flow)
{
	for (int i = 0; i < LOCK_ATTEMPTS; i++) {
		__u32 seen = *(volatile __u32 *)&flow->lock;

		if (!(seen & 1) && __sync_val_compare_and_swap(&flow->lock, seen, seen + 1) == seen)
			return seen + 1;
		bpf_ktime_get_boot_ns(); /* takes a while: the verifier allows few rounds */
	}
	return 0;
}

static __always_inline void unlock(struct flow *flow, __u32 held)
{
	/* Only with its result used is this a full barrier on every machine. */
	__u32 before = __sync_val_compare_and_swap(&flow->lock, held, held + 1);

	asm volatile("" : : "r"(before));
}

static __always_inline __u64 new_id(void)
{
	return bpf_ktime_get_boot_ns() << 6 | (bpf_get_smp_processor_id() & 63);
}

static __always_inline void clear(struct side *side, __s64 previous_isn)
{
	side->last_activity.time = side->highest_seq.time = side->unacked_data.time = 0;
	side->bits = 0;
	side->next = side->acked = 0;
	side->previous_isn = previous_isn;
	side->unchanged_since = side->copy_time = 0;
	side->possible_answers = side->hello_segments = 0;
	side->gap_count = 0;
	side->missing = 0;
	side->claim_from = NEVER;
}

static __noinline struct flow *find(const struct flow_key *key)
{
	struct flow *flow = bpf_map_lookup_elem(&flows, key);

	return flow ? flow : bpf_map_lookup_elem(&unproven, key);
}

static __noinline struct flow *find_or_add(const struct flow_key *key, struct counters *counters)
{
	struct flow *flow = find(key), *empty;
	__u32 zero = 0;

	if (flow)
		return flow;
	empty = bpf_map_lookup_elem(&blank, &zero);
	if (!empty)
		return 0;
	empty->id = new_id();
	empty->born = bpf_ktime_get_boot_ns();
	clear(&empty->sides[0], NEVER);
	clear(&empty->sides[1], NEVER);
	bpf_map_update_elem(&unproven, key, empty, BPF_NOEXIST);
	counters->begun++;
	return bpf_map_lookup_elem(&unproven, key);
}

static __always_inline int is_proven(const struct flow *flow)
{
	__u32 both = flow->sides[0].bits & flow->sides[1].bits;

	return flow->proven || flow->segments >= MANY_SEGMENTS ||
	       (both & TALKED && !(both & HAS_ISN));
}

/* Copy a flow that is locked to those that stay, and unlock the copy; return 0 where the table is
 * full. It may not be looked at any more once it is removed from where it was.
 */
static __noinline int settle(const struct flow_key *key, struct flow *flow, __u32 held)
{
	struct flow *copy;

	flow->settled = 1;
	flow->spoke |= !flow->proven; /* began before: not forgotten, for it would seem new */
	if (bpf_map_update_elem(&flows, key, flow, BPF_NOEXIST)) {
		flow->settled = 0;
		return 0;
	}
	flow->moved = 1;
	copy = bpf_map_lookup_elem(&flows, key);
	if (copy)
		unlock(copy, held);
	return 1;
}

#endif
