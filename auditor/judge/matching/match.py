"""The result of classification for one flow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from auditor.config.resources import Source
from auditor.judge.verdicts import Confidence
from auditor.site.model import Expectation, Peer

_Fact = TypeVar("_Fact")


@dataclass(frozen=True, slots=True)
class Match:
    """The connection number of one flow and what led to it."""

    connection: str | None = None
    confidence: Confidence = Confidence.GUESS
    """Of the number, or of there being none."""
    initiator: Peer | None = None
    """The daemon that dialled; None: nobody the site knows."""
    acceptor: Peer | None = None
    candidates: tuple[Expectation, ...] = ()
    """The expectations that fit equally well. With a ``connection`` all have that number;
    without one nothing seen so far tells which of them is right, if any."""
    own: tuple[Expectation, ...] = ()
    """Of a socket of the recording host: those of the daemon that must have opened it, if the
    configuration at hand is that host's. They tell its heartbeat, and nothing else."""
    perhaps: tuple[Expectation, ...] = ()
    """Of the same number, those that it may be as well if their acceptor, whose address is not
    known, is at the address dialled."""
    reason: str = ""
    """Why there is no number, or why it is only a guess."""
    mismatch: str = ""
    """What is wrong with the identity, in words; empty: nothing is."""
    mismatch_sources: tuple[Source, ...] = ()
    possible: frozenset[str] = frozenset()
    """Without a ``connection``: the numbers that the flow may have, as far as that is known."""
    initiator_proven: bool = False
    """The hello names the initiator by a name that the site knows."""
    initiator_known: bool = False
    """The initiator's address belongs to the site, or its identity is good."""
    initiator_claimed: bool = False
    """Only its hello says who the initiator is, and no acceptor was seen to check that."""
    claim_unheeded: bool = False
    """That claim was never answered: the connection is over, and its acceptor said nothing."""
    home: frozenset[str] = frozenset()
    """Addresses that the site gives the owner of the name that was proven; empty: none was, or
    the site has none."""
    apart: bool = False
    """The initiator is not there, and was seen to talk with who is: so it is another host."""
    acceptor_known: bool = False
    """The acceptor's address belongs to the site."""
    acceptor_configured: bool = False
    """The acceptor's own configuration is at hand, so that who may dial it is known."""

    @property
    def expectation(self) -> Expectation | None:
        """The best expectation, or None where none fits or several numbers do."""
        return self.candidates[0] if self.candidates and self.connection else None

    def agreed(self, fact: Callable[[Expectation], _Fact]) -> _Fact | None:
        """Return a fact on which all candidates agree, or None."""
        if len(self.candidates) == 1:
            return fact(self.candidates[0])
        values = {fact(candidate) for candidate in self.candidates}
        return values.pop() if len(values) == 1 else None

    def told(self, rows: Sequence[Expectation], reason: str) -> Match:
        """Return the match that what else was seen then decides for these rows, which are of one
        number: likely, for that reason."""
        first = rows[0]
        return replace(
            self,
            connection=first.connection,
            confidence=Confidence.LIKELY,
            candidates=tuple(rows),
            initiator=first.initiator,
            acceptor=first.acceptor,
            initiator_known=True,
            reason=reason,
        )
