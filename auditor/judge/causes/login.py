"""A refused login with what is known of its two ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from auditor.flows.flow import Hello
from auditor.flows.refusal import Refusal
from auditor.judge.causes.cause import Cause
from auditor.site.entries import Entry, Guests
from auditor.site.model import Peer

#: The alerts with which OpenSSL answers a wrong key: illegal_parameter or decrypt_error in TLS 1.3,
#: bad_record_mac before (measured.md 1).
WRONG_KEY = frozenset({"20", "47", "51"})
#: The alerts for a name that has no key: handshake_failure, unknown_psk_identity (measured.md 1).
UNKNOWN_NAME = frozenset({"40", "115"})


class Login(NamedTuple):
    """A refused login and what is known of its two ends."""

    refusal: Refusal
    hello: Hello
    acceptor: Peer | None
    guests: Guests | None
    """Who may log in there; None: its own configuration is not at hand."""
    dialler: Entry | None
    """The initiator's resource; None: it is not at hand, or several may be."""
    elsewhere: str = ""
    """The initiator's address, where nothing but its hello says whose it is; empty: it is known."""
    known: Cause | None = None
    """A problem of the configuration for which it came to another daemon than was meant."""

    @property
    def listed(self) -> Sequence[Entry]:
        """The entries of the type that the hello names."""
        identity = self.hello.identity
        return self.guests.of(identity.type) if self.guests and identity else ()

    @property
    def entry(self) -> Entry | None:
        """The acceptor's entry for the name in the hello."""
        identity = self.hello.identity
        named = [one for one in self.listed if identity and one.name == identity.name]
        return named[0] if len(named) == 1 else None

    @property
    def alert(self) -> str:
        """The number of the alert; empty: there was none, or it was not seen."""
        found = re.match(r"TLS alert (\d+)", self.refusal.said)
        return found[1] if found else ""
