"""The number that a hello gives a flow by itself, whoever its two ends are (bareos.md §9.1).

It is what remains where a part of the configuration does not say who is at an address: the port
tells the acceptor's kind, and the key that the acceptor took tells the initiator's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from auditor.flows.flow import Flow, Hello, Identity, Outcome, Transport
from auditor.judge.matching.processes import role_of
from auditor.judge.verdicts import Confidence
from auditor.site.connections import connections
from auditor.site.consoles import DEFAULT_CONSOLE
from auditor.site.model import Peer, Role, Site

#: What a Director's name and what a monitor's name make of a hello, by whose port was dialled.
_BY_NAME = {
    Role.DIRECTOR: ("R_CONSOLE", "1", "9"),
    Role.FILE_DAEMON: ("R_DIRECTOR", "3", "10"),
    Role.STORAGE_DAEMON: ("R_DIRECTOR", "5a", "11"),
}


#: Whose name an identity has, where that is a daemon's.
NAMED_ROLES = {"R_DIRECTOR": Role.DIRECTOR, "R_CLIENT": Role.FILE_DAEMON}


#: What the initiator's program, where the recording host knows it, makes of a flow to a port.
_BY_PROCESS = {
    (Role.DIRECTOR, Role.FILE_DAEMON): "3",
    (Role.FILE_DAEMON, Role.DIRECTOR): "4",
    (Role.DIRECTOR, Role.STORAGE_DAEMON): "5a",
    (Role.FILE_DAEMON, Role.STORAGE_DAEMON): "6",
    (Role.STORAGE_DAEMON, Role.FILE_DAEMON): "7",
    (Role.STORAGE_DAEMON, Role.STORAGE_DAEMON): "8",
}

#: More than Hello, challenge and refusal take: a cleartext login of which a thinned recording has
#: the first messages only was let in where both sides went on so far.
LET_IN_OCTETS = 150


class HelloNumbers(NamedTuple):
    """The numbers that a hello leaves open."""

    numbers: frozenset[str] = frozenset()
    confidence: Confidence = Confidence.GUESS
    """Of the number, where there is one."""

    @property
    def only(self) -> str | None:
        """The number, where only one is left."""
        (number,) = self.numbers if len(self.numbers) == 1 else (None,)
        return number


class HelloReader:
    """Reads numbers from hellos, against the names that one site knows."""

    def __init__(self, site: Site, ports: Mapping[int, Role]) -> None:
        """``ports``: listening port to acceptor role."""
        self._ports = ports
        self._all_known = site.directors_known
        self._monitors = site.monitors
        rows = [(row.connection, claim.name) for row in site.expectations for claim in row.claims]
        self._known = frozenset(rows)

    def numbers(self, flow: Flow, here: Iterable[Peer]) -> HelloNumbers:
        """Return the numbers that a hello leaves open; none where nobody accepted it and none of
        those who are known at the initiator's address (``here``) has its name, since anybody can
        dial a port and send a name. Where the initiator's program is known, that decides."""
        role = self._ports.get(flow.acceptor.port)
        if role is None:
            return HelloNumbers()
        if (number := self._by_processes(flow, role)) is not None:
            return HelloNumbers(frozenset({number}), Confidence.LIKELY)
        if flow.hello.identity is None:
            return HelloNumbers()
        if not flow.hello.proven and not _is_one_of(flow, flow.hello.identity, here):
            return HelloNumbers()
        type_, name = flow.hello.identity.type, flow.hello.identity.name
        if type_ == "R_JOB":
            return _of_job(role, flow.hello)
        if (role, type_) == (Role.DIRECTOR, "R_CLIENT"):
            return HelloNumbers(frozenset({"4"}), Confidence.LIKELY)
        if (role, type_, name) == (Role.DIRECTOR, "R_CONSOLE", DEFAULT_CONSOLE):
            return HelloNumbers(frozenset({"2"}), Confidence.LIKELY)
        if role not in _BY_NAME or type_ != _BY_NAME[role][0]:
            return HelloNumbers()
        _, plain, monitor = _BY_NAME[role]
        if flow.hello.challenge_name == "" or name in self._monitors:
            return HelloNumbers(frozenset({monitor}), Confidence.LIKELY)
        known = any((number, name) in self._known for number in ("1", "3", "5a"))
        return HelloNumbers(frozenset({plain}), Confidence.LIKELY if known else Confidence.GUESS)

    def _by_processes(self, flow: Flow, role: Role) -> str | None:
        """Return the number that the programs at both ends leave, unless the hello or the whole
        configuration says otherwise."""
        process = role_of(flow.initiator.process)
        other = role_of(flow.acceptor.process) not in {None, role}
        number = _BY_PROCESS.get((process, role)) if process is not None else None
        if self._all_known or other or number is None:
            return None
        said = flow.hello.identity
        return number if said is None or said.type == connections()[number].identity else None


def _is_one_of(flow: Flow, identity: Identity, peers: Iterable[Peer]) -> bool:
    role = NAMED_ROLES.get(identity.type)
    if role_of(flow.initiator.process) not in {None, role}:
        return False
    return any(peer.role is role and peer.name == identity.name for peer in peers)


def is_let_in(flow: Flow) -> bool:
    """Tell whether the acceptor was seen to take the initiator for what it claims to be.

    Where it shows a certificate it checks no key of the offer, and the login that tells is sealed.
    """
    return flow.hello.proven or agreed_in_cleartext(flow)


def is_unheeded(flow: Flow) -> bool:
    """Tell whether the acceptor ended the connection, or let it end, without a byte of its own: so
    nobody checked what the initiator claims to be, however well the rest was seen."""
    acceptor = flow.acceptor
    seen = flow.outcome is Outcome.ESTABLISHED and not acceptor.missing
    return seen and acceptor.stream == 0 and acceptor.closed is not None


def agreed_in_cleartext(flow: Flow) -> bool:
    """Tell whether both ends accepted a cleartext login."""
    hello = flow.hello
    if flow.outcome is not Outcome.ESTABLISHED or hello.transport is not Transport.CLEARTEXT:
        return False
    if flow.refusal is not None or hello.acceptor is None:
        return False
    sizes = (flow.initiator.stream or 0, flow.acceptor.stream or 0)
    return hello.proven or min(sizes) > LET_IN_OCTETS


def _of_job(role: Role, hello: Hello) -> HelloNumbers:
    """Return 7 at a File Daemon's port; at a Storage Daemon's a 6 and an 8 differ in cleartext
    only (bareos.md §3.3, §3.5)."""
    if role is Role.FILE_DAEMON:
        return HelloNumbers(frozenset({"7"}), Confidence.LIKELY)
    if role is not Role.STORAGE_DAEMON:
        return HelloNumbers()
    return HelloNumbers(
        frozenset({"6", "8"}) & (hello.connections or {"6", "8"}), Confidence.LIKELY
    )
