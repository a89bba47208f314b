"""An audit of a recording while it grows: blocks in, what is new of each flow out.

No clock, no file, no socket: whoever records feeds what was written and says how late it is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from auditor.errors import CaptureError
from auditor.evidence import blocks
from auditor.evidence.packet import Interface, Packet
from auditor.flows import ConnectionTracker
from auditor.judge.matching.login_fallback import refused_before_cleartext
from auditor.judge.rules.findings import judge
from auditor.judge.rules.manual import manual_pages
from auditor.judge.tables.flow_rows import flow_row
from auditor.judge.tables.table import Row, build
from auditor.judge.verdicts import Verdict
from auditor.packets import Decoder
from auditor.packets.clock_steps import InOrder
from auditor.packets.cut_frames import NOT_CUT, least, shortest_cut
from auditor.packets.joining import joined
from auditor.packets.pcapng_comments import THINNED, SocketFact
from auditor.pipeline.build_audit import build_audit, judge_flows
from auditor.pipeline.network import Network
from auditor.pipeline.recording_host import Ends, ends_of, ends_of_flow
from auditor.pipeline.track_capture import TrackedCapture

if TYPE_CHECKING:
    from auditor.flows.flow import Flow
    from auditor.packets.segments import CaptureInfo
    from auditor.result import Audit

#: Flows that one look judges: those active last, when there are more.
MOST_FLOWS = 1000
#: Flows that are not alike, of which a report keeps 8 KB each and takes half a millisecond: the
#: unit of the service says how much of both there is.
MOST_ROWS = 131_072
#: How long (ns) a flow that has ended is looked at: others may yet decide what it was.
_LOOK_BACK = 60_000_000_000


#: A SYN over IPv4 without its source and destination port.
_SYN = (
    bytes.fromhex("00000000000000000000000008004500002800000000400600007f0000017f000001"),
    bytes.fromhex("00000000000000005002000000000000"),
)


class Seen(NamedTuple):
    """One flow as it stands."""

    flow: Row
    """Its row of FLOWS."""
    fails: tuple[str, ...]
    """Ids of the rules that it fails, worst first, without what is waived."""
    unknowns: tuple[str, ...]
    """Ids of the rules that abstain on it."""


class LiveAudit:
    """Decodes, tracks and judges one recording that grows.

    ``here``: it is made on this host, and thinned while it is made. Else it is any capture.
    """

    def __init__(self, network: Network, *, here: bool = True, name: str = "live") -> None:
        """Reads the rules: later no file is opened. Raises RuleError."""
        self._network = network
        self._here = here
        self._cut = NOT_CUT
        self.latest = 0
        """The time of the latest segment, ns UTC; 0: there was none."""
        self.ports = network.ports
        """Listening port to acceptor role: what to capture."""
        self._about_flows = [
            rule for rule in network.rules if rule.about == "flows" and network.applies(rule)
        ]
        self._decoder, self._order = Decoder(self.ports, name), InOrder()
        self._files: list[CaptureInfo] = []
        self._tracker = self._new_tracker()
        self._heard: set[Ends] = set()
        self._warming = False

    def warm(self) -> Audit:
        """Load and compile all that judging will need, and return the audit of one made-up SYN,
        to warm up what renders audits. Call it before anything is fed."""
        port = min(self.ports).to_bytes(2, "big")
        syn = (port * 2).join(_SYN)
        interface = blocks.interface(Interface("warm", 1), "", "")
        packet = blocks.packet(Packet(0, 0, syn, len(syn)))
        self.feed(blocks.section("", "", "", [THINNED]) + interface + packet)
        self._tracker.prepare()
        self.look(0)
        self._warming = True
        manual_pages()
        audit = self.audit("warm")
        self._warming = False
        self._decoder, self._order = Decoder(self.ports, "live"), InOrder()
        self._tracker = self._new_tracker()
        return audit

    def _new_tracker(self) -> ConnectionTracker:
        return ConnectionTracker(self.ports, max_rows=MOST_ROWS)

    def names(self) -> dict[str, str]:
        """Return the daemon at each address that the configuration names."""
        site = self._network.site
        found: dict[str, dict[str, None]] = {}
        for peer in site.peers if site is not None else ():
            for address in peer.addresses:
                found.setdefault(address, {})[peer.name] = None
        return {address: "+".join(names) for address, names in found.items()}

    def know_names(self, *, last: bool = False) -> None:
        """Take in the addresses of names once all are known or time is up; ``last``: as they are
        now."""
        if self._network.later is not None:
            self._network = self._network.later(last) or self._network

    def begin_file(self, name: str) -> None:
        """Let what is fed from now on be of the next file of the recording."""
        self._files.append(self._decoder.finish())
        self._decoder = Decoder(self.ports, name, self._decoder.so_far)

    def _accounts(self) -> list[CaptureInfo]:
        """Return what each file contained, up to now; one that has no whole header is none yet."""
        try:
            now = self._decoder.finish()
        except CaptureError:
            if not self._files:
                raise
            return self._files
        # A record that is being written is no damage.
        cut = now.truncated and (self._here or self._decoder.ended)
        return [*self._files, dataclasses.replace(now, truncated=cut)]

    def feed(self, recorded: bytes) -> bool:
        """Take in what was recorded since, whole pcapng blocks; return whether any segment, or
        anything on a socket of this host, is among it."""
        known = self._decoder.fact_count
        any_segment = False
        for batch in self._decoder.feed(recorded):
            self.latest = max(self.latest, int(batch.segments["time"].max(initial=self.latest)))
            thinned = self._decoder.thinned
            if not thinned:
                self._cut = min(self._cut, shortest_cut(batch.segments))
            # Of what others thinned, notes may follow.
            for one in self._order.take(batch):
                self._tracker.feed(one, thinned=thinned, noted=thinned and not self._here)
            any_segment |= len(batch.segments) > 0
        return any_segment or self._decoder.fact_count > known

    @property
    def ended(self) -> bool:
        """Whether a record was damaged, so that nothing after it can be read."""
        return self._decoder.ended

    def look(self, until: int) -> list[Seen]:
        """Return the flows that are open, or were active a minute before ``until`` (ns UTC) or
        later, as they stand: at most ``MOST_FLOWS``.

        All that passed until then has been fed. What can only be decided together with older flows
        is left to ``audit``.
        """
        self.know_names()
        info = joined(self._accounts())
        end = max(until, info.last or 0)
        flows = self._tracker.recent(end - _LOOK_BACK, MOST_FLOWS, end, info.unseen)
        facts = self._without_past(info.facts, flows)
        info = dataclasses.replace(info, last=end, facts=facts)
        one = TrackedCapture(info, flows, (), here=self._here)
        judged = judge_flows(one, self._network, 0)
        fallen_back = refused_before_cleartext(judged)
        rows = (
            {**flow_row(flow, self._network.site), "login_fell_back": flow.id in fallen_back}
            for flow in judged
        )
        table = build("flows", rows)
        findings = judge(
            {"flows": table}, self._about_flows, self._network.site_file.waivers
        ).findings
        rules: dict[str, tuple[list[str], list[str]]] = {}
        for found in findings.rows():
            if not found["waived"] and found["verdict"] != Verdict.NOTE:
                for flow in found["flows"]:
                    fails, unknowns = rules.setdefault(flow, ([], []))
                    (fails if found["verdict"] == Verdict.FAIL else unknowns).append(found["rule"])
        return [
            Seen(row, *(tuple(dict.fromkeys(some)) for some in rules.get(row["id"], ((), ()))))
            for row in table.rows()
        ]

    def _without_past(
        self, facts: tuple[SocketFact, ...], flows: Sequence[Flow]
    ) -> tuple[SocketFact, ...]:
        """Return the facts but for those of connections that had packets and are not looked at any
        more: without their flows they would seem to have been silent all the time."""
        if not facts:
            return facts
        now = {ends_of_flow(flow) for flow in flows}
        known = {ends_of(fact) for fact in facts}
        past = known & self._heard - now
        self._heard |= known & now
        return tuple(fact for fact in facts if ends_of(fact) not in past)

    def audit(self, name: str, notes: Sequence[str] = ()) -> Audit:
        """Return the audit of all that was fed, as ``auditor.audit`` would of the recording.

        ``name`` is what the capture is called, ``notes`` are sentences on how it was made.
        """
        self.know_names(last=not self._warming)
        first, *others = self._accounts()
        first = dataclasses.replace(first, name=name, notes=(*first.notes, *notes))
        files = (first, *others)
        info = joined(files)
        info = dataclasses.replace(info, snaplen=least(info.snaplen, self._cut))
        for batch in self._order.rest():
            self._tracker.feed(batch, thinned=info.thinned)
        result = self._tracker.finish(
            info.ended,
            thinned=info.thinned,
            notes=info.flow_notes,
            unseen=info.unseen,
            snaplen=info.snaplen,
        )
        one = TrackedCapture(
            info,
            result.flows,
            tuple(result.notes),
            here=self._here,
            files=files if others else (),
            holes=info.holes,
            probes_lost=bool(result.probes_dropped),
            summaries=tuple(map(str, result.summaries)),
        )
        return build_audit([one], self._network)
