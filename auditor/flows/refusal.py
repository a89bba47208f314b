"""A login that one side refused, and the words for who did and how."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class End(StrEnum):
    """The two ends of a flow."""

    INITIATOR = "initiator"
    ACCEPTOR = "acceptor"


class RefusalKind(StrEnum):
    """What a refused login is known by."""

    ALERT = "alert"
    """A fatal TLS alert that was sent in clear."""
    TERMINATE = "terminate"
    """The signal TERMINATE in the middle of a cleartext login (bareos.md §3.3)."""
    ANSWER = "answer"
    """A readable refusal: 1999, 2999, 3999, or that the connection is rejected (§3.3)."""
    CLOSED = "closed"
    """The acceptor ended the connection after the hello, and accepted nothing."""
    SEALED = "sealed"
    """It was ended inside TLS before a login can have been complete."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A login that one side refused."""

    kind: RefusalKind
    by: End
    """Who refused."""
    said: str
    """How, in words that complete "was refused by": ``TLS alert 47 (illegal_parameter)``."""
    certain: bool = True
    """False: what was seen has another explanation too."""

    def __str__(self) -> str:
        return f"{self.by}: {self.said}"
