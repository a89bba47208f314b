/* SPDX-License-Identifier: BSD-3-Clause */
/* What auditor/capture/bpf/helpers.h declares, for a program of this machine: included before it.
 *
 * Maps are told apart by their addresses, and live in the capture that is under way (host.c). The
 * clock is what the frame under way says.
 */
#ifndef HELPERS_H
#define HELPERS_H


#include "vmlinux.h"

#undef __always_inline
#define SEC(name)
#define CONSTANT
#define __always_inline inline __attribute__((always_inline))
#define __noinline __attribute__((noinline))
#define VERIFIED_ALONE __noinline
#define __uint(name, value) int(*name)[value]
#define __type(name, value) __typeof__(value) *name

void *host_lookup(void *map, const void *key);
long host_update(void *map, const void *key, const void *value, __u64 flags);
long host_delete(void *map, const void *key);
long host_load_bytes(const void *skb, __u32 offset, void *to, __u32 length);
long host_output(void *ring, void *data, __u64 size, __u64 flags);
__u64 host_waiting(void *ring, __u64 what);
__u64 host_clock(void);

#define bpf_map_lookup_elem host_lookup
#define bpf_map_update_elem host_update
#define bpf_map_delete_elem host_delete
#define bpf_skb_load_bytes host_load_bytes
#define bpf_ringbuf_output host_output
#define bpf_ringbuf_query host_waiting
#define bpf_ktime_get_boot_ns host_clock
#define bpf_get_smp_processor_id() 0

static inline __u16 swap16(__u16 value)
{
	return __builtin_bswap16(value);
}

static inline __u32 swap32(__u32 value)
{
	return __builtin_bswap32(value);
}

#endif
