/* SPDX-License-Identifier: BSD-3-Clause */
/* Which segments are kept: the rules of the thinning, and what is held back for them. */
#ifndef KEEP_H
#define KEEP_H

#include "flows.h"
#include "hello.h"
#include "records.h"
#include "signs.h"

/* What the side that has just spoken means to its peer. */
struct news {
	__u64 before; /* its sign of life before this segment; 0: there was none */
	__u64 time;   /* of this segment */
	__u8 tells;   /* a silence has ended, or what is no sign of life is kept */
	__u8 begins;  /* a connection has begun */
};

static __always_inline __u32 put_now(struct __sk_buff *skb, const struct segment *s,
				     struct flow *flow, struct record *record,
				     const struct news *news, __u32 hello,
				     struct counters *counters)
{
	hold(skb, s, flow, record, news->time);
	return hello ? put_hello(skb, record, s->offset, hello, counters) : put(record, counters);
}

/* Take in a sign of life; ``keep``: for another reason than that a silence ends. */
static __always_inline __u32 live(struct __sk_buff *skb, const struct segment *s,
				  struct flow *flow, struct side *mine, __u64 heard, int keep,
				  __u32 hello, struct news *news, struct counters *counters)
{
	int first = s->payload && (!mine->first.time || mine->first.time <= heard);
	__u32 lost = 0;

	news->tells = is_silence(news->before, news->time);
	if (news->tells) {
		lost = put_late(&mine->last, counters);
		if (mine->first.time == news->before)
			mine->first.kept = 1;
	}
	if (keep || news->tells || (first && is_silence(heard, news->time)))
		lost += put_now(skb, s, flow, &mine->last, news, hello, counters);
	else
		hold(skb, s, flow, &mine->last, news->time);
	if (first)
		__builtin_memcpy(&mine->first, &mine->last, sizeof(mine->first));
	return lost;
}

/* Keep what is to be kept of a segment and of its side's last; return how many were lost. */
static __noinline __u32 judge(struct __sk_buff *skb, const struct segment *s, struct flow *flow,
			      struct counters *counters, struct news *news)
{
	struct side *mine = &flow->sides[s->side & 1];
	struct side *peer = &flow->sides[~s->side & 1];
	__u64 heard = *(volatile __u64 *)&peer->last.time;
	__u64 time = bpf_ktime_get_boot_ns();
	__u32 end = s->seq + s->payload + !!(s->flags & SYN) + !!(s->flags & FIN);
	__u32 hello, lost = 0, zero = 0;
	struct long_record *whole;
	int probe, keep;

	if (time <= mine->latest)
		time = mine->latest + 1; /* so that (flow, side, time) names one segment */
	mine->latest = time;
	news->before = mine->last.time;
	news->time = time;
	if (s->flags & SYN)
		news->begins = note_syn(s, flow, mine);
	probe = is_candidate(s, mine);
	keep = probe || is_answer(s, mine, peer); /* a probe that crosses another is no answer */
	keep |= is_first_word(s, mine);
	hello = probe ? 0 : hello_bytes(skb, s, flow, mine);
	keep |= hello || s->flags & (SYN | FIN | RST);
	if (is_life(end, peer)) {
		lost = live(skb, s, flow, mine, heard, keep, hello, news, counters);
	} else if (keep) {
		/* Only the peer's acknowledgement tells that this is no sign of life. */
		news->tells = 1;
		whole = bpf_map_lookup_elem(&scratch, &zero);
		if (whole)
			lost = put_now(skb, s, flow, &whole->head, news, hello, counters);
	}
	if (probe)
		mine->probed = time;
	note_end(s, end, flow, mine, peer);
	return lost;
}

/* What the peer said since, first and last, is kept too (rule K4). */
static __noinline __u32 tell_peer(struct side *peer, const struct news *news,
				  struct counters *counters)
{
	__u32 lost = 0;

	if (news->begins)
		forget(peer);
	if (!news->tells)
		return 0;
	if (peer->first.time > news->before && peer->first.time < news->time) {
		lost = put_late(&peer->first, counters);
		if (peer->first.time == peer->last.time)
			peer->last.kept = 1;
	}
	if (peer->last.time < news->time)
		lost += put_late(&peer->last, counters);
	return lost;
}

static __always_inline void consider(struct __sk_buff *skb, const struct segment *s,
				     struct counters *counters)
{
	struct flow *flow = find(&s->key);
	struct side *mine, *peer;
	struct news news = {};

	if (!flow) {
		counters->lost++;
		return;
	}
	if (!flow->id)
		name_flow(flow);
	mine = &flow->sides[s->side & 1];
	peer = &flow->sides[~s->side & 1];
	if (!lock(mine)) {
		counters->lost++;
		return;
	}
	counters->lost += judge(skb, s, flow, counters, &news);
	unlock(mine);
	if (!news.tells && !news.begins)
		return;
	if (!lock(peer)) {
		counters->lost++;
		return;
	}
	counters->lost += tell_peer(peer, &news, counters);
	unlock(peer);
}

#endif
