"""What on the wire contradicts itself: facts of a flow that no faultless sender and network make.

Somebody who can write into a connection, or beside it, leaves them; a healthy network does not.
Kernels note them by the numbers below (``tampering_facts``), and Python reads them as words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

#: Two segments carry different bytes for the same place of a side's stream.
COPIES_DIFFER = 1
#: A SYN was answered twice, by different initial sequence numbers, although the first was taken.
SYN_ACKS_DIFFER = 2
#: Fragments of one IP packet carry different bytes for one place of it.
FRAGMENTS_DIFFER = 32
#: Both sides go on after a RST, or a side sends something where its FIN was, or behind it.
RST_GOES_ON, FIN_GOES_ON = 3, 4
#: A bare ACK that nothing asked for came another way than all else of its sender.
ACK_FROM_ELSEWHERE = 5
#: A RST that no receiver accepts came another way than all else of its sender.
RST_FROM_ELSEWHERE = 6
#: A keepalive probe came another way than what its sender sent before and after it.
PROBE_FROM_ELSEWHERE = 7
#: A segment without ACK in an open connection: every receiver drops it, so nobody sends it.
NO_ACK = 8
#: A SYN in an open connection whose seeming sender goes on in it, and flags that no host sets.
SYN_IN_OPEN, ODD_FLAGS = 9, 10

#: A segment has another timestamp than the clock of its side, or none, and that goes on.
CLOCK_FROM_ELSEWHERE = 11
#: A side dials on although its peer had acknowledged what it said.
SYN_GOES_ON = 12
#: After a silence a side speaks from before what it had sent, or acknowledges less than before.
GOES_BACK = 13
#: What lies further on in a stream than a bare ACK of its side acknowledges less.
ORDER_BREAKS = 14

#: What each kind is called in reports: a clause that frames can follow.
WORDS: Mapping[int, str] = {
    COPIES_DIFFER: "two segments carry different data for the same place of the stream",
    FRAGMENTS_DIFFER: "fragments of one packet carry different bytes for the same place of it",
    RST_GOES_ON: "the connection goes on after a RST",
    FIN_GOES_ON: "a side sends something where its FIN was, or behind it",
    ACK_FROM_ELSEWHERE: "an acknowledgement that nothing asked for has a TTL that no other has",
    RST_FROM_ELSEWHERE: "a RST where no receiver accepts one has a TTL that no other segment has",
    PROBE_FROM_ELSEWHERE: "a keepalive probe has a TTL that nothing before and after it has",
    SYN_IN_OPEN: "a SYN came in an open connection, and its sender goes on in that one",
    ODD_FLAGS: "a SYN has FIN or RST with it, as no host sends one",
    CLOCK_FROM_ELSEWHERE: "a timestamp, or that there is none, fits to nothing before and after it",
    NO_ACK: "a segment without ACK, which every receiver drops",
    SYN_GOES_ON: "a SYN is sent again after data that followed it was acknowledged",
    GOES_BACK: "after a silence a side goes on from before what it had sent or acknowledged",
    ORDER_BREAKS: "what lies further on in a side's stream acknowledges less than an ACK before it",
    SYN_ACKS_DIFFER: "a SYN is answered once more, with another number than was acknowledged",
}

#: Those of which one shows that somebody else speaks in a side's name: who saw both directions may
#: have acknowledged it too.
IN_THE_NAME = frozenset({COPIES_DIFFER, SYN_ACKS_DIFFER})

#: Facts kept of one flow; more are counted.
FACTS_PER_FLOW = 4


class Unasked(NamedTuple):
    """Bare ACKs of one side that nothing asked for (``flows/unasked.py``), but for those that are
    left out of account."""

    acks: int = 0
    """How many."""
    frame: int = 0
    """Number of the frame of the first."""
    soonest: int = 0
    """The shortest time (ns) after which one followed what its receiver had received."""
    idle: int = 0
    """How long (ns) the receiver was idle if they are forged."""


@dataclass(frozen=True, slots=True)
class Tampering:
    """One such fact."""

    kind: int
    """A key of ``WORDS``."""
    frame: int
    """Number of the frame that shows it, counted from 1 in its capture; 0: it was left out of this
    one."""
    other: int
    """Number of the frame that it contradicts; 0: it contradicts what several have in common."""
    time: int
    """When it was seen, ns UTC."""

    @property
    def numbers(self) -> list[int]:
        """The frames, the earlier first."""
        return sorted(number for number in {self.frame, self.other} if number)

    def told(self, frame: Callable[[int], str]) -> str:
        """Return it as a clause; ``frame`` says what a frame is called."""
        if not self.numbers:
            return WORDS[self.kind]
        frames = " and ".join(map(frame, self.numbers))
        return f"{WORDS[self.kind]} (frame{'s' if len(self.numbers) > 1 else ''} {frames})"

    def __str__(self) -> str:
        return self.told(str)


def in_words(facts: Iterable[Tampering], frame: Callable[[int], str] = str) -> str:
    """Return facts as one clause, in which ``frame`` says what frames are called; empty: there are
    none."""
    return "; ".join(dict.fromkeys(fact.told(frame) for fact in facts))


def frames_of(facts: Iterable[Tampering]) -> list[int]:
    """Return the numbers of all frames that facts name, in order and once each."""
    return sorted({number for fact in facts for number in fact.numbers})
