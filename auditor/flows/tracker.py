"""Tracks the connections in batches of segments, in memory bounded by the number of flows."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple
from weakref import ref

import numpy as np

from auditor.flows.build import build_flows
from auditor.flows.cut_silences import cut_silences
from auditor.flows.flow import Flow
from auditor.flows.folding import KEEP_ALL, Kept
from auditor.flows.going_on import goes_on
from auditor.flows.interruption import Border, border_before
from auditor.flows.network_names import NetworkNames
from auditor.flows.numbered_twice import NumberedTwice
from auditor.flows.sharing import Share, Sharer, none_shared
from auditor.flows.store import Store
from auditor.flows.summaries import Summary, read_summaries
from auditor.flows.tcp_state import NEVER
from auditor.flows.track import track
from auditor.kernels.native import compile_ahead
from auditor.packets.decode_as import same_network_of
from auditor.packets.flow_notes import FlowNote
from auditor.packets.segments import SEGMENT, Batch, read_only
from auditor.packets.unseen_note import UnseenNote

#: Types of what ``track`` is given beside the tables.
_NOTHING = (read_only(np.zeros(0, SEGMENT)), 0, read_only(np.zeros(0, "u1")))


class TrackingResult(NamedTuple):
    """What was tracked, and what the hard bounds kept out."""

    flows: tuple[Flow, ...]
    """In order of first sight."""
    unrecorded: int = 0
    """SYNs of connections that found the table full, retransmissions included."""
    untracked: int = 0
    """Segments, these SYNs included, that belong to no recorded flow."""
    summaries: tuple[Summary, ...] = ()
    """Attempts that have no row, since they came from more hosts than have one each."""
    probes_dropped: int = 0
    """Keepalive probes seen but not recorded."""
    hellos_dropped: int = 0
    """Sides whose first bytes were not kept."""
    notes: tuple[str, ...] = ()
    """One sentence on each bound that was reached."""


class ConnectionTracker:
    """Turns segments into flows, incrementally; the clock is the capture's own.

    ``ports`` are listening ports: they tell the acceptor of a flow whose opening was not seen, and
    may tell which networks are one.
    ``max_flows`` bounds the table, and with it memory: 1.5 KiB a flow, 5.8 KiB more for each
    side whose first bytes are kept, for a quarter as many sides as ``max_flows``. What was said on
    connections that are over is kept once for all that said the same, and their room is free again.
    In a burst it takes no more than 65536, and ``max_rows`` in any case. ``each``: every connection
    that was let in keeps its row.
    """

    def __init__(
        self,
        ports: Collection[int],
        *,
        max_flows: int = 262_144,
        max_rows: int | None = None,
        each: bool = False,
    ) -> None:
        self._ports = frozenset(ports)
        self._store = Store(max_flows, secrets.token_bytes(80), max_rows)
        self._twice = NumberedTwice()
        self._names = NetworkNames(same_network_of(ports))
        self._share: Share = none_shared if each else Sharer(_builder(self._store, self._ports))
        compile_ahead(track, *_NOTHING, *self._store.tables())

    def prepare(self) -> None:
        """Load all machine code that tracking may call, where later none can be."""
        self._store.prepare()

    def feed(self, batch: Batch, *, thinned: bool = False, noted: bool = False) -> None:
        """Take in the segments of the next batch, in capture order; ``thinned`` as in ``finish``,
        ``noted``: notes may follow, so that every connection keeps its row until then."""
        store = self._store
        store.kept = KEEP_ALL if noted else KEEP_ALL._replace(share=self._share, thinned=thinned)
        store.reopen()
        if batch.step is not None:
            cut_silences(store, batch.step)
        batch = self._twice.told_apart(batch)
        segments, buffer = read_only(batch.segments), read_only(batch.buffer)
        reached = 0
        with np.errstate(over="ignore"):  # un-jitted, the hash would warn that it wraps
            while True:
                before = self._names.known_of(store.state)
                reached = track(segments, reached, buffer, *store.tables())
                self._names.learn(before, store.state, store.flows, segments, buffer)
                if reached >= len(segments):
                    return
                store.make_room()

    def finish(
        self,
        capture_end: int | None = None,
        *,
        thinned: bool = False,
        notes: Sequence[FlowNote] = (),
        unseen: Sequence[UnseenNote] = (),
        snaplen: int = 0,
    ) -> TrackingResult:
        """Build the flows as they stand; feeding may go on afterwards.

        ``capture_end`` is the time (ns) of the capture's last packet of any kind, up to which
        silence was observed; without it, that of the last segment tracked. In a ``thinned``
        capture absent segments were left out on purpose, so no bytes are missing, and ``notes``
        say what the full one showed, and ``unseen`` what it lacked. ``snaplen``: so many octets
        of a packet it kept at most; 0: all.
        """
        store = self._store
        store.kept = Kept(self._share, np.array([one.started for one in notes], "i8"), thinned)
        store.settle()
        state = store.state
        end = int(state["latest"]) if capture_end is None else capture_end
        return TrackingResult(
            flows=build_flows(
                store,
                self._ports,
                end,
                thinned=thinned,
                notes=notes,
                unseen=unseen,
                snaplen=snaplen,
                names=self._names,
            ),
            unrecorded=int(state["lost_flows"]),
            untracked=int(state["lost_segments"]),
            summaries=read_summaries(store.summaries),
            probes_dropped=int(state["lost_probes"]),
            hellos_dropped=int(state["lost_hellos"]),
            notes=tuple(_notes(store)),
        )

    def goes_on(self, batch: Batch) -> bool:
        """Tell whether any of these segments goes on in a connection that is open."""
        return goes_on(self._store, batch.segments)

    def border_before(self, batch: Batch, *, thinned: bool) -> Border:
        """Return what is shown of the time between what was fed and these."""
        return border_before(self._store, batch, thinned=thinned)

    def recent(
        self, since: int, most: int, capture_end: int, unseen: Sequence[UnseenNote] = ()
    ) -> tuple[Flow, ...]:
        """Build the flows of a thinned capture that are open, or had a segment at ``since`` (ns)
        or later: at most ``most``, the latest. For a look while feeding goes on.
        """
        rows = self._store.flows[: int(self._store.state["flow_count"])]
        (recent,) = ((rows["ended"] == NEVER) | (rows["last"] >= since)).nonzero()
        if len(recent) > most:
            order = np.argpartition(rows["last"][recent], -most)
            recent = np.sort(recent[order[-most:]])
        which = recent.tolist()
        return build_flows(
            self._store,
            self._ports,
            capture_end,
            thinned=True,
            unseen=unseen,
            which=which,
            names=self._names,
        )


def _builder(store: Store, ports: Collection[int]) -> Callable[[Sequence[int]], Sequence[Flow]]:
    """Return what builds flows of a store, which it does not hold: the store knows who asks, and a
    circle would keep the tables of a recording that is over."""
    known = ref(store)

    def built(which: Sequence[int]) -> Sequence[Flow]:
        asking = known()
        assert asking is not None
        return build_flows(asking, ports, int(asking.state["latest"]), which=which)

    return built


def _notes(store: Store) -> list[str]:
    state = store.state
    sentences = {
        f"{state['lost_flows']} connection attempts and {state['lost_segments']} segments found "
        f"the table of {len(store.flows) - 1} flows full": state["lost_segments"],
        f"{state['lost_probes']} keepalive probes were seen but not recorded": state["lost_probes"],
        f"the first bytes of {state['lost_hellos']} sides were not kept": state["lost_hellos"],
    }
    return [sentence for sentence, count in sentences.items() if count]
