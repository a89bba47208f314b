/* SPDX-License-Identifier: BSD-3-Clause */
/* The filter of auditor/capture/bpf/ as a library of this machine, for tests: it gets frames with
 * their times, and gives what the kernel's ring and flow table would hold. One thread at a time.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"

#define BUCKETS 65536
#define ROOM_BYTES (1 << 20)

struct entry {
	struct entry *in_bucket;
	struct entry *older;
	struct entry *newer;
	__u8 key[sizeof(struct flow_key)];
	__u8 value[] __attribute__((aligned(8)));
};

/* Of any kind: a hash, of which the least recently used gives way in those that are LRU. */
struct map {
	size_t key;
	size_t value;
	__u32 limit;
	__u32 count;
	int is_lru;
	int is_array;
	struct entry *oldest;
	struct entry *newest;
	struct entry *buckets[BUCKETS];
};

enum { FLOWS, UNPROVEN, INTERFACES, BLANK, SCRATCH, PIECES, MAPS };

struct capture {
	struct map maps[MAPS];
	struct settings settings;
	__u8 *ring;
	size_t ring_used;
	size_t ring_size;
	size_t ring_limit;
};

/* A frame as it is fed: ``size`` bytes of it are there, ``wire`` were sent. */
struct host_frame {
	__u64 time;
	__u32 offset;
	__u32 size;
	__u32 wire;
	__u32 ifindex;
	__u32 outgoing;
	__u32 tag; /* that the kernel has taken out: its protocol, then its TCI; 0: none */
};

struct host_skb {
	struct __sk_buff skb; /* what the filter sees: first */
	const __u8 *data;
	__u32 size;
};

static struct capture *capture;
static __u64 now;

static struct map *map_of(void *map)
{
	void *all[MAPS] = { &flows, &unproven, &interfaces, &blank, &scratch, &pieces };

	for (int i = 0; i < MAPS; i++)
		if (all[i] == map)
			return &capture->maps[i];
	abort();
}

static struct entry **bucket_of(struct map *map, const void *key)
{
	__u64 hash = 14695981039346656037u;

	for (size_t i = 0; i < map->key; i++)
		hash = (hash ^ ((const __u8 *)key)[i]) * 1099511628211u;
	return &map->buckets[hash >> 32 & (BUCKETS - 1)];
}

static struct entry *find_entry(struct map *map, const void *key)
{
	struct entry *entry = *bucket_of(map, key);

	while (entry && memcmp(entry->key, key, map->key))
		entry = entry->in_bucket;
	return entry;
}

static void unlink_entry(struct map *map, struct entry *entry)
{
	*(entry->older ? &entry->older->newer : &map->oldest) = entry->newer;
	*(entry->newer ? &entry->newer->older : &map->newest) = entry->older;
}

static void append(struct map *map, struct entry *entry)
{
	entry->newer = 0;
	entry->older = map->newest;
	*(map->newest ? &map->newest->newer : &map->oldest) = entry;
	map->newest = entry;
}

static void remove_entry(struct map *map, struct entry *entry)
{
	struct entry **at = bucket_of(map, entry->key);

	while (*at != entry)
		at = &(*at)->in_bucket;
	*at = entry->in_bucket;
	unlink_entry(map, entry);
	map->count--;
	free(entry);
}

void *host_lookup(void *which, const void *key)
{
	struct map *map = map_of(which);
	struct entry *entry = find_entry(map, key);

	if (!entry)
		return 0;
	unlink_entry(map, entry);
	append(map, entry);
	return entry->value;
}

static long add(struct map *map, const void *key, const void *value)
{
	struct entry **bucket = bucket_of(map, key), *entry;

	if (find_entry(map, key))
		return -EEXIST;
	if (map->count >= map->limit && !map->is_lru)
		return -E2BIG;
	if (map->count >= map->limit)
		remove_entry(map, map->oldest);
	entry = malloc(sizeof(*entry) + map->value);
	memcpy(entry->key, key, map->key);
	memcpy(entry->value, value, map->value);
	entry->in_bucket = *bucket;
	*bucket = entry;
	append(map, entry);
	map->count++;
	return 0;
}

long host_update(void *map, const void *key, const void *value, __u64 flags)
{
	if (flags != BPF_NOEXIST)
		abort();
	return add(map_of(map), key, value);
}

long host_delete(void *which, const void *key)
{
	struct map *map = map_of(which);
	struct entry *entry = find_entry(map, key);

	if (!entry)
		return -ENOENT;
	remove_entry(map, entry);
	return 0;
}

long host_load_bytes(const void *skb, __u32 offset, void *to, __u32 length)
{
	const struct host_skb *frame = skb;

	if (!length || offset > frame->size || length > frame->size - offset)
		return -EFAULT;
	memcpy(to, frame->data + offset, length);
	return 0;
}

long host_output(void *ring, void *data, __u64 size, __u64 flags)
{
	__u32 length = size;

	(void)flags;
	if (ring != &packets)
		abort();
	if (capture->ring_used + size + 8 > capture->ring_limit)
		return -EAGAIN;
	if (capture->ring_used + size + 4 > capture->ring_size) {
		capture->ring_size = 2 * capture->ring_size + ROOM_BYTES;
		capture->ring = realloc(capture->ring, capture->ring_size);
	}
	memcpy(capture->ring + capture->ring_used, &length, sizeof(length));
	memcpy(capture->ring + capture->ring_used + 4, data, size);
	capture->ring_used += size + 4;
	return 0;
}

__u64 host_waiting(void *ring, __u64 what)
{
	(void)what;
	if (ring != &packets)
		abort();
	return capture->ring_used;
}

__u64 host_clock(void)
{
	return now;
}

/* ---- what Python calls ---- */

static void make_map(int which, size_t key, size_t value, __u32 limit, int is_lru)
{
	struct map *map = &capture->maps[which];

	map->key = key;
	map->value = value;
	map->limit = limit;
	map->is_lru = is_lru;
}

static void make_array(int which, size_t value)
{
	__u32 zero = 0;
	void *empty = calloc(1, value);

	make_map(which, sizeof(zero), value, 1, 0);
	add(&capture->maps[which], &zero, empty);
	free(empty);
}

/* Begin a capture of these ports. */
struct capture *host_open(__u64 silence_ns, const __u16 *ports, __u32 count, __u32 max_flows,
			  __u32 max_unproven, __u64 ring_limit)
{
	capture = calloc(1, sizeof(*capture));
	capture->settings.silence_ns = silence_ns;
	capture->settings.loopback = 1;
	capture->ring_limit = ring_limit;
	capture->settings.wake_bytes = ring_limit / 4;
	for (__u32 i = 0; i < count; i++)
		capture->settings.ports[ports[i] >> 3] |= 1 << (ports[i] & 7);
	make_map(FLOWS, sizeof(struct flow_key), sizeof(struct flow), max_flows, 0);
	make_map(UNPROVEN, sizeof(struct flow_key), sizeof(struct flow), max_unproven, 1);
	make_map(INTERFACES, sizeof(__u32), sizeof(struct counters), 1024, 0);
	make_map(PIECES, sizeof(struct piece_key), sizeof(__u32), 4096, 1);
	make_array(BLANK, sizeof(struct flow));
	make_array(SCRATCH, sizeof(struct long_record));
	return capture;
}

void host_close(struct capture *old)
{
	for (int i = 0; i < MAPS; i++)
		while (old->maps[i].oldest)
			remove_entry(&old->maps[i], old->maps[i].oldest);
	free(old->ring);
	free(old);
}

/* Let frames of an interface whose link header has this length be processed. */
void host_interface(struct capture *of, __u32 ifindex, __u32 header)
{
	struct counters counters = { .header = header };

	add(&of->maps[INTERFACES], &ifindex, &counters);
}

void host_feed(struct capture *of, const __u8 *buffer, const struct host_frame *frames,
	       __u32 count)
{
	capture = of;
	settings = of->settings;
	for (__u32 i = 0; i < count; i++) {
		const struct host_frame *frame = &frames[i];
		struct host_skb skb = { .data = buffer + frame->offset, .size = frame->size };

		now = frame->time;
		skb.skb.len = frame->wire;
		skb.skb.pkt_type = frame->outgoing ? PACKET_OUTGOING : 0;
		skb.skb.ifindex = frame->ifindex;
		skb.skb.vlan_present = frame->tag != 0;
		skb.skb.vlan_proto = swap16(frame->tag >> 16);
		skb.skb.vlan_tci = frame->tag & 0xffff;
		filter(&skb.skb);
	}
}

/* Give what is in the ring, each record behind its length of four bytes, and empty it. */
size_t host_drain(struct capture *of, const __u8 **ring)
{
	size_t used = of->ring_used;

	*ring = of->ring;
	of->ring_used = 0;
	return used;
}

/* As bpf_map_lookup_batch does it, but for a place that is a number. */
int host_batch(struct capture *of, __u64 start, __u64 *place, struct flow_key *keys,
	       struct flow *values, __u32 *count)
{
	struct entry *entry = of->maps[FLOWS].oldest;
	__u32 found = 0;

	for (__u64 i = 0; i < start && entry; i++)
		entry = entry->newer;
	for (; entry && found < *count; entry = entry->newer, found++) {
		memcpy(&keys[found], entry->key, sizeof(*keys));
		memcpy(&values[found], entry->value, sizeof(*values));
	}
	*count = found;
	*place = start + found;
	return entry ? 0 : -ENOENT;
}

int host_flow(struct capture *of, const void *key, void *value)
{
	struct entry *entry = find_entry(&of->maps[FLOWS], key);

	if (!entry)
		return -ENOENT;
	memcpy(value, entry->value, sizeof(struct flow));
	return 0;
}

int host_forget(struct capture *of, const void *key)
{
	struct entry *entry = find_entry(&of->maps[FLOWS], key);

	if (entry)
		remove_entry(&of->maps[FLOWS], entry);
	return entry ? 0 : -ENOENT;
}

/* How many flows a table holds: 0 those that stay, 1 those that are not proven. */
__u32 host_count(struct capture *of, __u32 unproven_ones)
{
	return of->maps[unproven_ones ? UNPROVEN : FLOWS].count;
}

void host_counters(struct capture *of, __u32 ifindex, struct counters *counters)
{
	struct entry *entry = find_entry(&of->maps[INTERFACES], &ifindex);

	if (entry)
		memcpy(counters, entry->value, sizeof(*counters));
}
