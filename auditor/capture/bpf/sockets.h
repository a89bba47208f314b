/* SPDX-License-Identifier: BSD-3-Clause */
/* The keepalive settings of this host's sockets on our ports. */
#ifndef SOCKETS_H
#define SOCKETS_H

#include "bareos_audit.h"

enum { AF_INET = 2, AF_INET6 = 10 };
enum { TCP_ESTABLISHED = 1, TCP_SYN_SENT = 2, TCP_CLOSE = 7 };

struct owner {
	__u32 pid;
	__u8 comm[16];
};

/* Who called connect(): the process is known only then, and the local port only later. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, struct owner);
} owners SEC(".maps");

static __always_inline void copy_address4(__u8 *to, __u32 address)
{
	__builtin_memset(to, 0, 10);
	to[10] = to[11] = 0xff;
	__builtin_memcpy(to + 12, &address, 4);
}

static __always_inline void copy_address6(__u8 *to, const __u32 *from)
{
	__u32 words[4] = { from[0], from[1], from[2], from[3] };

	__builtin_memcpy(to, words, 16);
}

static __always_inline void read_addresses(struct tcp_sock *tp, struct socket_record *record)
{
	struct sock_common *common = &tp->inet_conn.icsk_inet.sk.__sk_common;

	if (common->skc_family == AF_INET6) {
		copy_address6(record->local, common->skc_v6_rcv_saddr.in6_u.u6_addr32);
		copy_address6(record->remote, common->skc_v6_daddr.in6_u.u6_addr32);
	} else {
		copy_address4(record->local, common->skc_rcv_saddr);
		copy_address4(record->remote, common->skc_daddr);
	}
}

static __always_inline __u64 read_inode(struct tcp_sock *tp)
{
	struct socket *socket = tp->inet_conn.icsk_inet.sk.sk_socket;
	unsigned long inode = 0;

	if (socket)
		bpf_probe_read_kernel(&inode, sizeof(inode),
				      &((struct socket_alloc *)socket)->vfs_inode.i_ino);
	return inode;
}

/* As the kernel's keepalive timer has it: data or acknowledgement, whichever came last. */
static __always_inline __u32 time_since_received(struct tcp_sock *tp)
{
	__u32 now = bpf_jiffies64();
	__u32 data = now - tp->inet_conn.icsk_ack.lrcvtime;
	__u32 ack = now - tp->rcv_tstamp;

	return data < ack ? data : ack;
}

static __noinline int is_ours(struct tcp_sock *tp)
{
	struct sock_common *common = &tp->inet_conn.icsk_inet.sk.__sk_common;

	if (common->skc_family != AF_INET && common->skc_family != AF_INET6)
		return 0;
	if (common->skc_net.net->ns.inum != settings.netns)
		return 0;
	return is_wanted(swap16(common->skc_dport)) ||
	       is_wanted(swap16(tp->inet_conn.icsk_inet.inet_sport));
}

/* Fill a record; return the socket's state. Not inlined, so that the record's layout is in BTF. */
static __noinline __u8 read_socket(struct tcp_sock *tp, struct socket_record *record)
{
	struct sock_common *common = &tp->inet_conn.icsk_inet.sk.__sk_common;
	struct net *net = common->skc_net.net;
	__u64 keepalive = __builtin_preserve_enum_value(*(enum sock_flags *)SOCK_KEEPOPEN, 1);

	record->time = bpf_ktime_get_boot_ns();
	record->inode = read_inode(tp);
	read_addresses(tp, record);
	record->local_port = swap16(tp->inet_conn.icsk_inet.inet_sport);
	record->remote_port = swap16(common->skc_dport);
	record->state = common->skc_state;
	record->keepalive = common->skc_flags >> keepalive & 1;
	record->idle = tp->keepalive_time;
	record->interval = tp->keepalive_intvl;
	record->count = tp->keepalive_probes;
	record->default_idle = net->ipv4.sysctl_tcp_keepalive_time;
	record->default_interval = net->ipv4.sysctl_tcp_keepalive_intvl;
	record->default_count = net->ipv4.sysctl_tcp_keepalive_probes;
	record->since_received = time_since_received(tp);
	return record->state;
}

static __always_inline void note_owner(__u64 sk)
{
	struct owner owner = {};

	owner.pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(owner.comm, sizeof(owner.comm));
	bpf_map_update_elem(&owners, &sk, &owner, BPF_ANY);
}

static __always_inline void take_owner(__u64 sk, struct socket_record *record)
{
	struct owner *owner = bpf_map_lookup_elem(&owners, &sk);

	if (!owner)
		return;
	record->pid = owner->pid;
	__builtin_memcpy(record->comm, owner->comm, sizeof(record->comm));
	bpf_map_delete_elem(&owners, &sk);
}

/* One record when a connection is established or was not answered. */
static __always_inline void note_state(struct tcp_sock *tp, __u32 before, __u32 state)
{
	struct socket_record record = {};
	__u64 sk = (__u64)tp;

	if (state == TCP_SYN_SENT) {
		note_owner(sk);
		return;
	}
	if (state != TCP_ESTABLISHED && !(state == TCP_CLOSE && before == TCP_SYN_SENT))
		return;
	read_socket(tp, &record);
	record.old_state = before;
	record.state = state;
	take_owner(sk, &record);
	bpf_ringbuf_output(&sockets, &record, sizeof(record), BPF_RB_NO_WAKEUP);
}

#endif
