"""From the tracker's tables to Flow objects; reads the tables and changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache

import numpy as np

from auditor.flows.completed import completed
from auditor.flows.cut_hello import is_cut
from auditor.flows.direction import find_initiator, find_outcome, is_one_sided, with_unanswered
from auditor.flows.doubted import with_doubts
from auditor.flows.ending import find_endings
from auditor.flows.first_bytes import FirstBytes
from auditor.flows.first_probes import waiting_probes
from auditor.flows.flow import Flow, Side
from auditor.flows.hello import is_from_initiator
from auditor.flows.hello_readings import ReadHello, read_both, reader
from auditor.flows.hosts import Hosts
from auditor.flows.how_ended import IcmpError
from auditor.flows.icmp import REJECTION, TOO_BIG
from auditor.flows.idle_periods import Ends, ended
from auditor.flows.lagging import find_lag, is_unclear, step_of, without_lag
from auditor.flows.login import find_refusal
from auditor.flows.network_names import NetworkNames
from auditor.flows.noted import as_noted, by_connection, without_missing
from auditor.flows.noted_pieces import noted_in_pieces, pieces_of
from auditor.flows.odd_probes import odd_probe_facts
from auditor.flows.plain_records import plain_records
from auditor.flows.probe import Probe
from auditor.flows.several_networks import by_network, networks_of
from auditor.flows.sides import build_side, time_or_none
from auditor.flows.store import Store
from auditor.flows.tampering_facts import collect_facts
from auditor.flows.tcp_state import ACKED, FIRST_SEEN, HAS_ISN, LEFT_OUT
from auditor.flows.unseen_octets import with_unseen
from auditor.packets.flow_notes import FlowNote
from auditor.packets.icmp import VERSION_6
from auditor.packets.segments import Array
from auditor.packets.unseen_note import UnseenNote
from auditor.text.endpoint_text import address_to_text


@lru_cache(maxsize=4096)
def _spell(hi: int, lo: int) -> str:
    return address_to_text(hi << 64 | lo)


def _icmp_error(flow: np.void, slot: int, initiator: int) -> IcmpError | None:
    if not flow["icmp_count"][slot]:
        return None
    kind = int(flow["icmp_kind"][slot])
    return IcmpError(
        version=6 if kind & VERSION_6 else 4,
        type=kind >> 8 & 0xFF,
        code=kind & 0xFF,
        sender=_spell(int(flow["icmp_hi"][slot]), int(flow["icmp_lo"][slot])),
        time=int(flow["icmp_time"][slot]),
        count=int(flow["icmp_count"][slot]),
        mtu=int(flow["icmp_mtu"][slot]),
        size=int(flow["icmp_size"][slot]),
        frame=int(flow["icmp_frame"][slot]),
        of_initiator=int(flow["icmp_side"][slot]) == initiator,
    )


def _survived(flow: np.void, sides: Ends, built: Sequence[Side]) -> int:
    """Return the longest silence that it survived: not the one whose end a side did not stop to
    repeat though it had seemingly been acknowledged, or that a RST answered first."""
    who = int(flow["survived_side"])
    stall = built[who].stall
    defied = stall is not None and stall.defied
    defied = defied and sides[who]["stall_begin"] < flow["survived_end"]
    return int(flow["survived_before" if flow["survived_again"] or defied else "survived"])


def _taken(side: np.void) -> int:
    """Return how many bytes of its stream the peer acknowledged."""
    return int(side["acked"] - side["stream_start"]) if side["bits"] & ACKED else 0


def _collect_probes(probes: Array) -> dict[int, tuple[Probe, ...]]:
    collected: dict[int, list[Probe]] = {}
    for row, time, silence, interval, after, length, exact, frame in probes.tolist():
        answered = after if after >= 0 else None
        probe = Probe(time, silence, interval, length, answered, bool(exact), frame)
        collected.setdefault(row, []).append(probe)
    return {row: tuple(sorted(some, key=lambda p: p.time)) for row, some in collected.items()}


def build_flows(
    store: Store,
    ports: Collection[int],
    end: int,
    *,
    thinned: bool = False,
    notes: Sequence[FlowNote] = (),
    unseen: Sequence[UnseenNote] = (),
    which: Sequence[int] | None = None,
    snaplen: int = 0,
    names: NetworkNames | None = None,
) -> tuple[Flow, ...]:
    """Build flows, in order of first sight; ``end`` is the time (ns) the capture ended.

    ``thinned``: what was not seen was left out of the capture, and is not missing; ``notes`` say
    what the full one showed, and ``unseen`` what it lacked. ``which`` are the indices of those
    wanted; None: all. ``snaplen``: so many octets of a packet the capture kept; 0: all. ``names``
    are those of networks.
    """
    recorded = store.probes[: int(store.state["probe_count"])]
    recorded = np.concatenate((recorded, waiting_probes(store, end)))
    if which is not None:
        recorded = recorded[np.isin(recorded["row"] >> 1, which)]
    probes, facts = _collect_probes(recorded), collect_facts(store)
    rows = range(int(store.state["flow_count"])) if which is None else which
    wanted = [index for index in rows if not store.flows["nobodys"][index]]
    read, tables = reader(), plain_records(store.flows, store.sides, wanted)
    flows = tuple(
        _flow(records, index, said, read, probes, ports, end, snaplen)
        for index, records, said in zip(wanted, tables, store.first_bytes(wanted), strict=True)
    )
    if thinned:
        flows = with_unseen(map(without_missing, flows), unseen)
    noted, later = by_connection(notes), pieces_of(notes)
    flows = tuple(
        as_noted(completed(flow, facts.get(flow.index, ()), end, thinned), noted) for flow in flows
    )
    if later:
        flows = tuple(noted_in_pieces(flow, later) for flow in flows)
    if thinned:
        flows = with_doubts(flows, unseen)
    return _told_together(store, wanted, flows, end, names or NetworkNames())


def _told_together(
    store: Store, which: Sequence[int], flows: Sequence[Flow], end: int, names: NetworkNames
) -> tuple[Flow, ...]:
    """Return flows with what those of one network show of each other."""
    seen_in = np.stack([store.flows[name][which] for name in ("network", "other_network")], 1)
    told, networks = list(flows), networks_of(seen_in, flows, names.same)
    for places in by_network(networks):
        some: Sequence[Flow] = [flows[place] for place in places]
        hosts = Hosts(some, store.steps)
        some = with_unanswered(some, hosts)
        endings = find_endings(some, hosts, end)
        for place, flow, how in zip(places, some, endings, strict=True):
            # Nobody else has seen it yet, and copies of all took a tenth of the time.
            object.__setattr__(flow, "how", how)
            if networks[place]:
                object.__setattr__(flow, "network", networks[place])
                object.__setattr__(flow, "seen_in", names.of(*seen_in[place].tolist()))
            told[place] = flow
    return tuple(told)


def _flow(
    records: tuple[np.void, Ends],
    index: int,
    hellos: tuple[FirstBytes, FirstBytes],
    read_hello: ReadHello,
    probes: dict[int, tuple[Probe, ...]],
    ports: Collection[int],
    end: int,
    snaplen: int,
) -> Flow:
    flow, sides = records
    believed = (hellos[0].believed, hellos[1].believed)
    initiator, evidence = find_initiator(flow, sides, believed, ports, is_from_initiator)
    addresses = [_spell(int(flow[f"{one}_hi"]), int(flow[f"{one}_lo"])) for one in "ab"]
    numbers = (int(flow["a_port"]), int(flow["b_port"]))
    waited = [probes.get(2 * index + k, ()) for k in (0, 1)]
    built = [
        build_side(flow, (sides[k], sides[1 - k]), addresses[k], numbers[k], waited[k], end)
        for k in (0, 1)
    ]
    outcome = find_outcome(flow, sides[initiator], sides[1 - initiator], end)
    one_sided = is_one_sided(sides[initiator], sides[1 - initiator], outcome)
    odd = odd_probe_facts(sides)
    speaker = sides[initiator if believed[initiator] else 1 - initiator]
    said, taken = (hellos[initiator], hellos[1 - initiator]), _taken(sides[initiator])
    read = read_both(*said, read_hello, begun=bool(speaker["bits"] & HAS_ISN), taken=taken)
    lag = find_lag(flow, sides)
    ends = without_lag(built[initiator], lag), without_lag(built[1 - initiator], lag)
    return Flow(
        index=index,
        initiator=ends[0],
        acceptor=ends[1],
        initiator_evidence=evidence,
        outcome=outcome,
        started=int(flow["first"]),
        last=int(flow["last"]),
        alive=int(flow["alive"]),
        ended=ended(flow, sides),
        syns=int(flow["syns"]),
        attempts=int(flow["attempts"]),
        rtt=time_or_none(flow["rtt"]),
        duplicates=int(flow["duplicates"]),
        survived=_survived(flow, sides, built),
        rejection=_icmp_error(flow, REJECTION, initiator),
        too_big=_icmp_error(flow, TOO_BIG, initiator),
        one_sided=one_sided,
        clock_step=step_of(lag),
        silence_unclear=is_unclear(ends[0], lag),
        clock_unclear=bool((sides[0]["bits"] | sides[1]["bits"]) & LEFT_OUT),
        hello=read.hello,
        hello_unseen=not sides[initiator]["bits"] & FIRST_SEEN,
        hello_cut=is_cut(read.hello, read.said[0], ends[0].stream, snaplen),
        refusal=find_refusal(outcome, read.hello, ends, read.said, one_sided=one_sided),
        hello_contradicts=read.contradicts,
        drawn=(said[0].drawn, said[1].drawn),
        tampering_count=int(flow["tampered"]) + len(odd),
        tampering=odd,
    )
