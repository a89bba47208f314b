"""What a thinned recording says of itself: its span, what it lacks, its host, socket facts, and
what the full one showed of connections.

All of it comes from comments in a file that anyone may have written, so each is
parsed strictly and their number is bounded.
"""

from __future__ import annotations

from collections import Counter

from auditor.packets.clock_comments import ToldClock
from auditor.packets.drops import DROPPED, drop_from_comment
from auditor.packets.drops import MAX_TOLD as MAX_DROPS_TOLD
from auditor.packets.flow_notes import FLOW, FlowNote, flow_note_from_comment
from auditor.packets.pcapng_comments import (
    BACKWARDS,
    LACKS,
    MAX_ADDRESSES,
    MAX_NOTE,
    UNREADABLE,
    SocketFact,
    addresses_from_comment,
    counters_from_comment,
    fact_from_comment,
    layer_from_comment,
    span_from_comment,
)
from auditor.packets.segments import Drop, UndecodedRun
from auditor.packets.undecoded_runs import MAX_TOLD, UNDECODED_RUN, run_from_comment
from auditor.packets.unseen_note import UNSEEN, UnseenNote, unseen_from_comment
from auditor.text import printable

#: No interface: the comment is of a packet or a section.
NOWHERE = -1

#: Socket facts of one capture: one for each flow of the largest recording.
MAX_FACTS = 65536
#: Comments that are read: what else a recorder writes beside facts comes once in a minute.
MAX_COMMENTS = 4 * MAX_FACTS
#: Sentences on what a capture lacks, and as many on what of it could not be read.
_MAX_LACKS = 16
#: Times in which nobody recorded.
MAX_HOLES = 1024
#: Interfaces of a section that are counted.
MAX_INTERFACES = 1024
#: No capture has so many packets.
MAX_COUNT = 1 << 62
_COUNT_DIGITS = 16

NOTE = (
    "The capture is thinned: what an audit does not need was left out, so that its counts of "
    "packets, segments, bytes and retransmissions are lower bounds."
)


class RecorderNotes:
    """Collects what the comments in a capture's thinned sections say."""

    def __init__(self) -> None:
        self._facts: dict[SocketFact, None] = {}
        self._lacks: dict[str, None] = {}
        self._unreadable: dict[str, None] = {}
        self._span: list[int] = []
        self._addresses: dict[str, None] = {}
        self._counted: Counter[str] = Counter()  # by sections that are over
        self._counters: dict[int, dict[str, int]] = {}
        self._flow_notes: dict[FlowNote, None] = {}
        self._unseen: dict[UnseenNote, None] = {}
        self._runs: dict[UndecodedRun, None] = {}
        self._comments = 0
        self.drops: list[Drop] = []
        """When packets of the full capture were lost."""
        self.layers: list[tuple[int, str]] = []
        """Packets of the full capture that could not be decoded, and the name of their layer."""
        self.holes: list[tuple[int, int]] = []
        """From when to when (ns UTC) nobody recorded."""
        self.backwards = 0
        """Packets of the full capture that were older than the one before them, where nothing says
        how often its clock was set."""
        self.clock = ToldClock()
        """What it says of the clock of the full capture."""

    @property
    def full(self) -> bool:
        """Whether no further fact will be taken."""
        return len(self._facts) >= MAX_FACTS or self._comments >= MAX_COMMENTS

    def begin_section(self) -> None:
        """Let interfaces be counted from 0 on: those of another file follow."""
        for each in self._counters.values():
            self._counted.update(each)
        self._counters.clear()

    def counted(self, name: str) -> int:
        """Return what the last statistics of each interface say of a counter, summed."""
        now = sum(each.get(name, 0) for each in self._counters.values())
        return min(self._counted[name] + now, MAX_COUNT)

    def comment(self, text: str, interface: int = NOWHERE) -> None:
        """Take in one comment; most say nothing that is ours. ``interface`` is that whose
        statistics have it."""
        self._comments += 1
        if self._comments > MAX_COMMENTS:
            return
        if text.startswith(LACKS):
            _add_sentence(self._lacks, text.removeprefix(LACKS))
        elif text.startswith(UNREADABLE):
            _add_sentence(self._unreadable, text.removeprefix(UNREADABLE))
        elif text.startswith(BACKWARDS):
            count = text.removeprefix(BACKWARDS)
            if count.isascii() and count.isdigit() and len(count) < _COUNT_DIGITS:
                self.backwards = max(self.backwards, int(count))
        elif interface != NOWHERE and (counters := counters_from_comment(text)):
            if interface in self._counters or len(self._counters) < MAX_INTERFACES:
                self._counters[interface] = counters
        elif self.clock.comment(text):
            return
        elif text.startswith(DROPPED):
            drop = drop_from_comment(text)
            if drop is not None and len(self.drops) < MAX_DROPS_TOLD:
                self.drops.append(drop)
        elif text.startswith(UNDECODED_RUN):
            run = run_from_comment(text)
            if run is not None and len(self._runs) < MAX_TOLD:
                self._runs[run] = None
        elif layer := layer_from_comment(text):
            if len(self.layers) < _MAX_LACKS:
                self.layers.append(layer)
        elif hole := span_from_comment(text, "hole"):
            if len(self.holes) < MAX_HOLES:
                self.holes.append(hole)
        elif span := span_from_comment(text):
            self._span = [min([*span, *self._span]), max([*span, *self._span])]
        elif text.startswith(FLOW):
            note = flow_note_from_comment(text)
            if note is not None and len(self._flow_notes) < MAX_FACTS:
                self._flow_notes[note] = None
        elif text.startswith(UNSEEN):
            unseen = unseen_from_comment(text)
            if unseen is not None and len(self._unseen) < MAX_FACTS:
                self._unseen[unseen] = None
        elif addresses := addresses_from_comment(text):
            room = MAX_ADDRESSES - len(self._addresses)
            self._addresses |= dict.fromkeys(addresses[:room])
        elif not self.full:
            fact = fact_from_comment(text)
            if fact is not None:
                self._facts[fact] = None

    @property
    def span(self) -> tuple[int, ...]:
        """From when to when it ran, ns UTC; empty: it does not say."""
        return tuple(self._span)

    @property
    def fact_count(self) -> int:
        """How many socket facts there are so far."""
        return len(self._facts)

    @property
    def facts(self) -> tuple[SocketFact, ...]:
        """The socket facts, each once, in the order of the file."""
        return tuple(self._facts)

    @property
    def flow_notes(self) -> tuple[FlowNote, ...]:
        """What the full capture showed of connections, each once, in the order of the file."""
        return tuple(self._flow_notes)

    @property
    def unseen(self) -> tuple[UnseenNote, ...]:
        """The connections of which bytes were never captured, each once, in the order of the
        file."""
        return tuple(self._unseen)

    @property
    def runs(self) -> tuple[UndecodedRun, ...]:
        """Between whom and when what could not be decoded passed, in the order of the file."""
        return tuple(self._runs)

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses of the host that recorded it; empty: it does not say."""
        return tuple(self._addresses)

    @property
    def lacks(self) -> tuple[str, ...]:
        """What was lost before the capture was thinned, in words."""
        return tuple(self._lacks)

    @property
    def unreadable(self) -> tuple[str, ...]:
        """What could not be read before the capture was thinned, in words."""
        return tuple(self._unreadable)


def _add_sentence(sentences: dict[str, None], text: str) -> None:
    if len(sentences) < _MAX_LACKS:
        sentences[printable(text, MAX_NOTE)] = None
