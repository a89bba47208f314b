/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernel's helper functions by their numbers (include/uapi/linux/bpf.h), and the words of
 * map definitions. All of them exist since Linux 5.10; the compare-and-swap of a lock, and pointers
 * as arguments of functions that are verified alone, since 5.12.
 */
#ifndef HELPERS_H
#define HELPERS_H

#include "vmlinux.h"

#define SEC(name) __attribute__((section(name), used))
#define CONSTANT const volatile /* for the verifier; set by user space before loading */
#define __always_inline inline __attribute__((always_inline))
#define __noinline __attribute__((noinline))
/* Of a function that is not static: the verifier looks at it once, by itself, and not once more for
 * each way to it. There every pointer but the packet's may be 0.
 */
#define VERIFIED_ALONE __noinline
#define __uint(name, value) int(*name)[value]
#define __type(name, value) typeof(value) *name

static void *(*bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static long (*bpf_map_update_elem)(void *map, const void *key, const void *value,
				   __u64 flags) = (void *)2;
static long (*bpf_map_delete_elem)(void *map, const void *key) = (void *)3;
static __u32 (*bpf_get_smp_processor_id)(void) = (void *)8;
static __u64 (*bpf_get_current_pid_tgid)(void) = (void *)14;
static long (*bpf_get_current_comm)(void *buffer, __u32 size) = (void *)16;
static long (*bpf_skb_load_bytes)(const void *skb, __u32 offset, void *to, __u32 length) =
	(void *)26;
static long (*bpf_probe_read_kernel)(void *to, __u32 size, const void *from) = (void *)113;
static __u64 (*bpf_jiffies64)(void) = (void *)118;
static __u64 (*bpf_ktime_get_boot_ns)(void) = (void *)125;
static long (*bpf_seq_write)(struct seq_file *seq, const void *data, __u32 length) = (void *)127;
static long (*bpf_ringbuf_output)(void *ring, void *data, __u64 size, __u64 flags) = (void *)130;
static __u64 (*bpf_ringbuf_query)(void *ring, __u64 flags) = (void *)134;
static struct tcp_sock *(*bpf_skc_to_tcp_sock)(void *sk) = (void *)137;

static __always_inline __u16 swap16(__u16 value)
{
	return __builtin_bswap16(value);
}

static __always_inline __u32 swap32(__u32 value)
{
	return __builtin_bswap32(value);
}

#endif
