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
#define GAPS 4		 /* of a side that are remembered, as in auditor/flows/tables.py */

/* Written by user space before loading; then constant for the verifier. */
struct settings {
	__u64 silence_ns;
	__u64 wake_bytes; /* wake the reader when this much waits in the ring: a quarter of it */
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
	__u8 standing; /* of its flow; see standing.h */
	__u8 bare; /* bytes of the header, if it is kept for the payload behind it alone; else 0 */
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

/* One direction of a flow. Side 0 is sent by flow_key.low. Side and flow are written under the
 * flow's lock.
 *
 * A *position* is a sequence number unrolled to 64 bits, as in auditor/flows/tcp_state.py, whose
 * columns and bits these are. Headers that are held back are in three slots, as in
 * auditor/evidence/thinning/tables.py; one whose time is 0 is empty.
 */
struct side {
	struct record last_activity; /* restarted the peer's idle timer: may begin a silence (R3) */
	struct record highest_seq;   /* the latest that reached the end of its stream, and
				      * acknowledged all; empty while that is last_activity (R3) */
	struct record unacked_data;  /* the first data that was not acknowledged yet (R4) */
	__s64 next;
	__s64 acked;
	__s64 isn;
	__s64 previous_isn;
	__s64 stream_start;
	__s64 last_end;
	__s64 last_ack;
	__s64 kept_end;
	__s64 kept_ack;
	__u64 unchanged_since;
	__u64 copy_time;
	__u32 copy_seq;
	__u32 copy_ack;
	__u32 copy_ident;
	__u32 copy_length;
	__u16 copy_window;
	__u16 free;
	__u8 copy_flags;
	__u8 possible_answers;
	__u8 hello_segments;
	__u8 gap_count;
	__u32 bits;
	__u32 unused;
	__s64 gaps[2 * GAPS]; /* begin, end, begin, end, ...: not seen (unseen.h) */
	__s64 missing;	      /* bytes of settled gaps */
	__s64 claim_from;     /* [from, to): acknowledged, and not seen; NEVER: nothing is */
	__s64 claim_to;
};

struct flow {
	__u64 id;
	__u64 clock;   /* time of its latest segment */
	__u32 lock;    /* odd: being written; differs after every change */
	__u8 over;     /* RST, or FIN of both sides */
	__u8 segments; /* how many were seen, at most 255 */
	__u8 proven;   /* its handshake was seen to end: see flows.h */
	__u8 settled;  /* is, or was copied, in ``flows`` */
	__u8 moved;    /* was copied there: look for it once more */
	__u8 withheld; /* segments of it that are not in the ring: see thinning.h */
	__u8 spoke;    /* one of its sides sent more than probes */
	__u8 doubtful; /* segments that are kept yet, after one whose meaning they tell (R9) */
	__u32 noted; /* of the segment under way; see thinning.h */
	__u64 born;  /* time of its first segment, whatever connections follow on its endpoints */
	__u64 reserve_since; /* a second begins in which so many had a place in the reserve */
	__u32 reserved;
	__u16 doubted; /* segments that were kept after such (R9) */
	__u16 standing; /* of the segment under way; see standing.h */
	struct side sides[2];
};

/* Per interface and CPU. */
struct counters {
	__u64 seen;
	__u64 matched;
	__u64 lost;
	__u64 lost_new; /* of these, what was of no flow with a standing: see standing.h */
	__u64 begun; /* flows that were put into ``unproven`` */
	__u64 settled; /* and moved from there */
	__u64 withheld; /* segments of attempts that were not put into the ring, for it was filling */
	__u64 released; /* of these, when the attempt came about after all */
	__u64 pieces_since; /* a second begins in which so many IP fragments were handed on */
	__u32 header; /* bytes of link header: 14 Ethernet, 0 none; the same on every CPU */
	__u32 pieces;
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

CONSTANT struct settings settings SEC(".rodata");

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

/* Whether so many quarters of the ring wait to be read: ``wake_bytes`` is one of them. */
static __always_inline int is_filled(__u64 quarters)
{
	return bpf_ringbuf_query(&packets, BPF_RB_AVAIL_DATA) >= settings.wake_bytes * quarters;
}

/* Whether no more than the reserve is left, a sixteenth of the ring. */
static __always_inline int is_reserve_left(void)
{
	return bpf_ringbuf_query(&packets, BPF_RB_AVAIL_DATA) >=
	       settings.wake_bytes * 4 - settings.wake_bytes / 4;
}

/* User space looks twice a second anyway: wake it only when the ring fills up. */
static __always_inline __u64 wakeup(void *ring, __u64 threshold)
{
	return bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) >= threshold ? BPF_RB_FORCE_WAKEUP
								       : BPF_RB_NO_WAKEUP;
}

#endif
