"""How a connection ended: the words for it, and what is known of one end."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from auditor.flows.icmp_names import icmp_name


class Ending(StrEnum):
    """How a connection ended, in the order in which one is told rather than another."""

    LOGIN_REFUSED = "login-refused"
    """One side turned the other away before any job began."""
    REJECTED = "rejected"
    """An ICMP message answered it."""
    LOST = "lost"
    """One side sent and was not heard any more."""
    RESET = "reset"
    """A RST in the middle, or in answer to the SYN."""
    ORDERLY = "orderly"
    """Closed with FIN, if only by one side before a RST."""
    OPEN = "open"
    """It was open when the capture ended."""


class Ender(StrEnum):
    """Who ended a connection."""

    INITIATOR = "initiator"
    ACCEPTOR = "acceptor"
    WAY = "way"
    """A device between the two ends."""


class Stall(NamedTuple):
    """Bytes that a side sent and that nobody acknowledged up to the end."""

    number: int
    """Sequence number of the first of them, counted from its SYN where that was seen (as tshark
    counts), else as on the wire."""
    first: int
    """Time (ns) at which they were sent first."""
    last: int
    """Time at which they were sent last."""
    sends: int
    """How often; a thinned recording holds every repetition."""
    silence: int
    """ns for which neither side had sent anything before; 0: not known."""
    length: int
    """Payload of the longest segment that began with them."""
    defied: bool = False
    """They seem to have been acknowledged, but their sender sent them again and went not on."""


@dataclass(frozen=True, slots=True)
class IcmpError:
    """The latest ICMP error of its kind that quoted what a side had sent."""

    version: int
    """Of IP: 4 or 6."""
    type: int
    code: int
    sender: str
    """Address that it came from."""
    time: int
    """ns UTC."""
    count: int
    """How many of its kind came."""
    mtu: int
    """The MTU that it names; 0: none."""
    size: int
    """Size of the packet that it quotes, by that packet's own header; 0: not known."""
    of_initiator: bool
    """It quotes the initiator's segment, not the acceptor's."""
    frame: int = field(default=0, compare=False)
    """Number of the frame that it came in."""

    def __str__(self) -> str:
        name = icmp_name(self.version, self.type, self.code).name
        protocol = "ICMP" if self.version == 4 else "ICMPv6"
        return f"{protocol} {name} (type {self.type} code {self.code}) from {self.sender}"


@dataclass(frozen=True, slots=True)
class HowEnded:
    """How a flow ended, as far as packets tell; by default it is not known to have begun."""

    ending: Ending | None = None
    """None: the attempt was never answered."""
    by: Ender | None = None
    """Who ended it; None: nobody did, or it cannot be told."""
    evidence: str = ""
    """What was seen, as a part of a sentence for people."""
    certain: bool = True
    """Nothing else explains what was seen."""
    silence: int = 0
    """Of a lost flow: ns for which neither side had sent anything before; 0: not known."""
    unheard: str = ""
    """Of a lost flow: the address that was heard no more."""
    too_big: bool = False
    """It was lost since the way does not take packets as large as one side sent."""
    idle: bool = False
    """It was lost after such a silence, and nothing contradicts that a device on the way forgets
    connections that are silent for so long."""
    disputed: bool = False
    """So it is, but for another flow that survived a longer one, or that somebody wrote into."""
    survived: int = 0
    """The longest silence (ns) that any flow on the same way survived; 0: none."""
    limit: int = 0
    """Of a lost flow: the shortest silence (ns) that a flow between the two hosts did not."""
