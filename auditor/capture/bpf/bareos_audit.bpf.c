/* SPDX-License-Identifier: BSD-3-Clause */
/* Three programs that read and change nothing.
 *
 * ``capture_filter``  a filter on AF_PACKET sockets; always returns 0, so that nothing is queued
 * ``socket_state``    sockets of this host as they connect
 * ``socket_dump``     sockets of this host as they are
 */
#include "filter.h"
#include "sockets.h"

char license_text[] SEC("license") = "Dual BSD/GPL"; /* some helpers are for GPL programs only */

SEC("socket")
int capture_filter(struct __sk_buff *skb)
{
	return filter(skb);
}

SEC("tp_btf/inet_sock_set_state")
int socket_state(__u64 *context)
{
	struct tcp_sock *tp = bpf_skc_to_tcp_sock((void *)context[0]);

	if (tp && is_ours(tp))
		note_state(tp, context[1], context[2]);
	return 0;
}

SEC("iter/tcp")
int socket_dump(struct bpf_iter__tcp *context)
{
	struct sock_common *common = context->sk_common;
	struct socket_record record = {};
	struct tcp_sock *tp;

	if (!common)
		return 0;
	tp = bpf_skc_to_tcp_sock(common); /* 0: in a handshake, or in TIME-WAIT */
	if (!tp || !is_ours(tp))
		return 0;
	record.old_state = read_socket(tp, &record);
	bpf_seq_write(context->meta->seq, &record, sizeof(record));
	return 0;
}
