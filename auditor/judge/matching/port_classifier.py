"""Flow → connection number without any configuration: by port, hello, and the host's other flows.

What a host is, is read from what it does: it accepts on a File Daemon's port, it names itself a
Director, and so on. Everything here is at best likely, and nothing here names a daemon.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from auditor.flows.flow import Flow, Outcome, Transport
from auditor.judge.matching.match import Match
from auditor.judge.matching.processes import role_of
from auditor.judge.verdicts import Confidence
from auditor.site.connections import connections
from auditor.site.consoles import DEFAULT_CONSOLE
from auditor.site.model import Role

#: What packages call the tray monitor; the only hint where a console and a monitor differ in
#: nothing but their names (bareos.md §3.5).
_MONITOR_PREFIX = "bareos-mon"


class PortClassifier:
    """Gives each flow of one capture a number by what ports and hellos alone show."""

    def __init__(self, ports: Mapping[int, Role]) -> None:
        """``ports``: listening port to acceptor role."""
        self._ports = ports

    def classify(self, flows: Sequence[Flow]) -> list[Match]:
        """Return one match a flow, in order."""
        hosts = _Hosts(flows, self._ports)
        return [self._match(flow, hosts) for flow in flows]

    def _match(self, flow: Flow, hosts: _Hosts) -> Match:
        number = _number(flow, self._ports.get(flow.acceptor.port), hosts)
        if number is None:
            return Match(reason="neither its port nor its hello says what it is")
        named = flow.hello.identity is not None or flow.hello.transport is Transport.POSTGRESQL
        named = named or role_of(flow.initiator.process) is not None
        confidence = Confidence.LIKELY if named else Confidence.GUESS
        return Match(number, confidence, initiator_known=True, acceptor_known=True)


class _Hosts:
    """What each address was seen to be, over all flows of the capture."""

    def __init__(self, flows: Sequence[Flow], ports: Mapping[int, Role]) -> None:
        self.accepts: dict[str, set[Role]] = defaultdict(set)
        """Roles whose port it accepts on, by address."""
        self.sends: dict[str, set[str]] = defaultdict(set)
        """Types of identity in the hellos it sends, by address."""
        consoles: set[str] = set()
        for flow in flows:
            role = ports.get(flow.acceptor.port)
            if role is not None and flow.outcome is not Outcome.REFUSED:
                self.accepts[flow.acceptor.address].add(role)
            if flow.hello.identity is not None:
                self.sends[flow.initiator.address].add(flow.hello.identity.type)
                if flow.hello.identity.type == "R_CONSOLE":
                    consoles.add(flow.hello.identity.name)
        self._consoles = consoles

    def is_monitor(self, name: str) -> bool:
        """A name that is both a console's and a Director's is a monitor's."""
        return name.startswith(_MONITOR_PREFIX) or name in self._consoles


def _number(flow: Flow, role: Role | None, hosts: _Hosts) -> str | None:
    if flow.hello.transport is Transport.POSTGRESQL and role is not Role.CATALOG:
        return None
    sent = flow.hello.identity.type if flow.hello.identity is not None else None
    dialler = role_of(flow.initiator.process)
    for rule in PORT_RULES:
        told = dialler in {None, connections()[rule.number].initiator}
        if told and rule.acceptor is role and rule.identity == sent and rule.holds(flow, hosts):
            return rule.number
    # The process alone tells what its host, of which nothing else is seen, does not.
    possible = [rule.number for rule in PORT_RULES if _fits(rule, role, sent, dialler)]
    return possible[0] if dialler is not None and len(set(possible)) == 1 else None


def _fits(rule: PortRule, role: Role | None, sent: str | None, dialler: Role | None) -> bool:
    initiator = connections()[rule.number].initiator
    return rule.acceptor is role and rule.identity == sent and initiator == dialler


def _name(flow: Flow) -> str:
    return flow.hello.identity.name if flow.hello.identity is not None else ""


def _always(flow: Flow, hosts: _Hosts) -> bool:
    del flow, hosts
    return True


def _default_console(flow: Flow, hosts: _Hosts) -> bool:
    del hosts
    return _name(flow) == DEFAULT_CONSOLE


def _sent_by_tray_monitor(flow: Flow) -> bool:
    """Only a tray monitor leaves the name in its own challenge empty (bareos.md §3.3)."""
    return flow.hello.challenge_name == ""


def _monitor_as_console(flow: Flow, hosts: _Hosts) -> bool:
    sends = hosts.sends[flow.initiator.address]
    both = {"R_CONSOLE", "R_DIRECTOR"} <= sends and "R_CLIENT" not in hosts.sends
    return _sent_by_tray_monitor(flow) or _name(flow).startswith(_MONITOR_PREFIX) or both


def _monitor_as_director(flow: Flow, hosts: _Hosts) -> bool:
    return _sent_by_tray_monitor(flow) or hosts.is_monitor(_name(flow))


def _client_elsewhere(flow: Flow, hosts: _Hosts) -> bool:
    sends = hosts.sends[flow.initiator.address]
    return "R_CLIENT" in sends and "R_CONSOLE" not in sends


def _director_elsewhere(flow: Flow, hosts: _Hosts) -> bool:
    address = flow.initiator.address
    return Role.DIRECTOR in hosts.accepts[address] or "R_DIRECTOR" in hosts.sends[address]


def _storage_daemon(flow: Flow, hosts: _Hosts) -> bool:
    return Role.STORAGE_DAEMON in hosts.accepts[flow.initiator.address]


def _only_storage_daemon(flow: Flow, hosts: _Hosts) -> bool:
    accepts = hosts.accepts[flow.initiator.address]
    return Role.STORAGE_DAEMON in accepts and Role.FILE_DAEMON not in accepts


def _hello_of(number: str) -> Callable[[Flow, _Hosts], bool]:
    def holds(flow: Flow, hosts: _Hosts) -> bool:
        del hosts
        return flow.hello.connections == {number}

    return holds


def _postgresql_or_unseen(flow: Flow, hosts: _Hosts) -> bool:
    del hosts
    return flow.hello.transport in {Transport.POSTGRESQL, Transport.UNKNOWN}


class PortRule(NamedTuple):
    """Which number a flow has by its acceptor's port and its hello."""

    acceptor: Role
    """Whose port was dialled."""
    identity: str | None
    """Type of the identity in the hello; None: no identity was seen."""
    number: str
    condition: str = ""
    """What else must be so, in words; empty: nothing."""
    holds: Callable[[Flow, _Hosts], bool] = _always


_DIR, _FD, _SD = Role.DIRECTOR, Role.FILE_DAEMON, Role.STORAGE_DAEMON
#: The first that holds decides (bareos.md §3.5, §9.1).
PORT_RULES: tuple[PortRule, ...] = (
    PortRule(_DIR, "R_CLIENT", "4"),
    PortRule(_DIR, "R_CONSOLE", "2", "its name is `*UserAgent*`", _default_console),
    PortRule(
        _DIR,
        "R_CONSOLE",
        "9",
        "its challenge is empty, its name begins with `bareos-mon`, or its host also names itself "
        "a Director and no client names itself at all",
        _monitor_as_console,
    ),
    PortRule(_DIR, "R_CONSOLE", "1"),
    PortRule(
        _DIR,
        None,
        "4",
        "its host names itself a client elsewhere, and no console",
        _client_elsewhere,
    ),
    PortRule(
        _FD,
        "R_DIRECTOR",
        "10",
        "its challenge is empty, its name begins with `bareos-mon`, or a console has that name",
        _monitor_as_director,
    ),
    PortRule(_FD, "R_DIRECTOR", "3"),
    PortRule(_FD, "R_JOB", "7"),
    PortRule(_FD, None, "7", "its host accepts as a Storage Daemon", _storage_daemon),
    PortRule(_FD, None, "3"),
    PortRule(_SD, "R_DIRECTOR", "11", "as for 10", _monitor_as_director),
    PortRule(_SD, "R_DIRECTOR", "5a"),
    PortRule(_SD, "R_JOB", "6", "its cleartext hello is that of a 6", _hello_of("6")),
    PortRule(_SD, "R_JOB", "7", "its cleartext hello is that of a 7", _hello_of("7")),
    PortRule(_SD, "R_JOB", "8", "its cleartext hello is that of an 8", _hello_of("8")),
    PortRule(
        _SD,
        "R_JOB",
        "8",
        "its host accepts as a Storage Daemon and not as a File Daemon",
        _only_storage_daemon,
    ),
    PortRule(_SD, "R_JOB", "6"),
    PortRule(
        _SD,
        None,
        "5a",
        "its host accepts as a Director, or names itself one elsewhere",
        _director_elsewhere,
    ),
    PortRule(_SD, None, "8", "its host accepts as a Storage Daemon", _storage_daemon),
    PortRule(_SD, None, "6"),
    PortRule(
        Role.CATALOG,
        None,
        "12",
        "its first bytes are PostgreSQL's, or were not seen",
        _postgresql_or_unseen,
    ),
)
