/* SPDX-License-Identifier: BSD-3-Clause */
/* What the programs and user space share: settings, maps, and the records in the rings.
 *
 * The layouts are repeated in auditor/capture/ebpf/layout.py and compared with this object's BTF
 * before it is loaded.
 */
#ifndef BAREOS_AUDIT_H
#define BAREOS_AUDIT_H

#include "helpers.h"

#define HEADER_BYTES 192 /* as in auditor/evidence/packet.py */
#define HELLO_BYTES 4096 /* as in auditor/evidence/packet.py */
#define PREFIX_BYTES 12	 /* enough of a stream to tell what it begins with */

/* Written by user space before loading; then constant for the verifier. */
struct settings {
	__u64 silence_ns;
	__u64 wake_bytes; /* wake the reader when this much waits in the ring */
	__u32 netns;	  /* inode number of the network namespace whose sockets are reported */
	__u32 loopback;	  /* ifindex of the device on which outgoing packets are passed over */
	__u8 ports[8192]; /* one bit a port */
};

/* A kept packet: a header, and the bytes of the hello behind it. The part before ``data`` and
 * ``stored`` bytes of it go into the ring.
 */
struct record {
	__u64 time; /* CLOCK_BOOTTIME, ns; 0: no packet here */
	__u64 flow; /* identifies the flow for as long as it is in the table */
	__u32 ifindex;
	__u32 length; /* on the wire */
	__u16 stored; /* bytes of data */
	__u8 direction; /* as pcapng's epb_flags */
	__u8 side;
	__u8 kept; /* has been put into the ring (or counted as lost) */
	__u8 late; /* was put there after its successor had come */
	__u16 unused;
	__u8 data[HEADER_BYTES];
};

struct long_record {
	struct record head;
	__u8 payload[HELLO_BYTES];
};

struct flow_key {
	__u8 low[16]; /* IPv4 as ::ffff:a.b.c.d */
	__u8 high[16];
	__u16 low_port; /* host byte order */
	__u16 high_port;
	__u32 ifindex;
};

/* One direction of a flow. Side 0 is sent by flow_key.low. Written under its lock; of its peer a
 * side only reads times, which are written at once.
 *
 * Activity is a segment that resets the idle timer of its receiver: see segment_class.h.
 */
struct side {
	struct record last_activity; /* its last activity; it may begin a silence */
	struct record first_data;    /* its first payload since the peer's last activity, if any */
	__u64 latest_time;	     /* time of its last segment, activity or not */
	__u64 probe_time;	     /* time of its last segment that may have been a probe */
	__u64 answering;	     /* the peer's probe_time that it may still answer */
	__u32 lock;		     /* odd: being written; differs after every change */
	__u32 next_seq;		     /* highest sequence number + length that was sent */
	__u32 highest_ack;	     /* highest acknowledgement number that was sent */
	__u32 start_seq;	     /* sequence number of the stream's first byte */
	__u32 hello_end;	     /* bytes of the stream that belong to the hello */
	__u32 next_message;	     /* PostgreSQL: where the next message of the start-up begins */
	__u8 has_next;		     /* next_seq is known */
	__u8 has_start;		     /* start_seq is known */
	__u8 start_guessed;	     /* start_seq is a guess: the flow began before the capture */
	__u8 fin_sent;
	__u8 protocol;		     /* enum protocol */
	__u8 prefix_length;	     /* bytes of prefix */
	__u8 past_syn;		     /* a segment came after the SYN or SYN-ACK */
	__u8 answers_left;	     /* segments that may still be the answer to a probe */
	__u8 has_ack;		     /* highest_ack is known */
	__u8 unused[7];
	__u8 prefix[2 * PREFIX_BYTES];
};

/* Fields that both sides write are single bytes, written while one side waits for the other. */
struct flow {
	__u64 id;
	__u8 closed;	/* RST, or FIN of both sides */
	__u8 initiator; /* side + 1; 0: not known */
	__u8 cleartext; /* the initiator sent a cleartext Bareos hello */
	__u8 requests;	/* PostgreSQL: requests for encryption, each replied to by one byte */
	__u8 replies;
	__u8 unused[3];
	struct side sides[2];
};

/* Per interface and CPU. */
struct counters {
	__u64 seen;
	__u64 matched;
	__u64 kept;
	__u64 lost;
	__u32 header; /* bytes of link header: 14 Ethernet, 0 none; the same on every CPU */
	__u32 unused;
};

/* A socket's settings. Durations are in jiffies; 0: the namespace's default holds. */
struct socket_record {
	__u64 time; /* CLOCK_BOOTTIME, ns */
	__u64 inode;
	__u8 local[16];
	__u8 remote[16];
	__u16 local_port;
	__u16 remote_port;
	__u8 state; /* the new state, enum of include/net/tcp_states.h */
	__u8 old_state;
	__u8 keepalive;
	__u8 count;
	__u32 idle;
	__u32 interval;
	__u32 default_idle;
	__u32 default_interval;
	__u32 default_count;
	__u32 since_received; /* since the last segment was received */
	__u32 pid;
	__u32 unused;
	__u8 comm[16];
};

const volatile struct settings settings SEC(".rodata");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} packets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 18);
} sockets SEC(".maps");

static __always_inline int is_wanted(__u16 port)
{
	return settings.ports[port >> 3] & (1 << (port & 7));
}

/* User space looks twice a second anyway: wake it only when the ring fills up. */
static __always_inline __u64 wakeup(void *ring, __u64 threshold)
{
	return bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) >= threshold ? BPF_RB_FORCE_WAKEUP
								       : BPF_RB_NO_WAKEUP;
}

#endif
