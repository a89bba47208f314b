"""Flow → connection number without any configuration: ports, identities, and company.

What a host is, is read from what it does: it accepts on a File Daemon's port, it dials as a
Director, and so on. Everything here is at best likely, and nothing here names a daemon.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from auditor.flows.flow import Flow, Outcome, Transport
from auditor.judge.matching.match import Match
from auditor.judge.verdicts import Confidence
from auditor.site.consoles import DEFAULT_CONSOLE
from auditor.site.model import Role

#: What packages call the tray monitor; the only hint where a console and a monitor differ in
#: nothing but their names (bareos.md §3.5).
_MONITOR_PREFIX = "bareos-mon"


class PortClassifier:
    """Gives each flow of one capture a number by what ports and hellos alone say."""

    def __init__(self, ports: Mapping[int, Role]) -> None:
        """``ports``: listening port to acceptor role."""
        self._ports = ports

    def classify(self, flows: Sequence[Flow]) -> list[Match]:
        """Return one match a flow, in order."""
        hosts = _Hosts(flows, self._ports)
        return [self._match(flow, hosts) for flow in flows]

    def _match(self, flow: Flow, hosts: _Hosts) -> Match:
        role = self._ports.get(flow.acceptor.port)
        foreign = flow.hello.transport is Transport.POSTGRESQL and role is not Role.CATALOG
        number = _NUMBERS[role](flow, hosts) if role in _NUMBERS and not foreign else None
        if number is None:
            return Match(reason="neither its port nor its hello says what it is")
        named = flow.hello.identity is not None or flow.hello.transport is Transport.POSTGRESQL
        confidence = Confidence.LIKELY if named else Confidence.GUESS
        return Match(number, confidence, initiator_known=True, acceptor_known=True)


class _Hosts:
    """What each address was seen to be, over all flows of the capture."""

    def __init__(self, flows: Sequence[Flow], ports: Mapping[int, Role]) -> None:
        self.accepts: dict[str, set[Role]] = defaultdict(set)
        self.says: dict[str, set[str]] = defaultdict(set)
        consoles: set[str] = set()
        for flow in flows:
            role = ports.get(flow.acceptor.port)
            if role is not None and flow.outcome is not Outcome.REFUSED:
                self.accepts[flow.acceptor.address].add(role)
            if flow.hello.identity is not None:
                self.says[flow.initiator.address].add(flow.hello.identity.type)
                if flow.hello.identity.type == "R_CONSOLE":
                    consoles.add(flow.hello.identity.name)
        self._consoles = consoles

    def is_monitor(self, name: str) -> bool:
        """A name that is both a console's and a Director's is a monitor's."""
        return name.startswith(_MONITOR_PREFIX) or name in self._consoles


def _is_tray(flow: Flow) -> bool:
    """Only a tray monitor leaves the name in its own challenge empty (bareos.md §3.3)."""
    return flow.hello.challenge_name == ""


def _to_director(flow: Flow, hosts: _Hosts) -> str | None:
    identity = flow.hello.identity
    if identity is None:
        says = hosts.says[flow.initiator.address]
        return "4" if "R_CLIENT" in says and "R_CONSOLE" not in says else None
    if identity.type == "R_CLIENT":
        return "4"
    if identity.type != "R_CONSOLE":
        return None
    if identity.name == DEFAULT_CONSOLE:
        return "2"
    both = {"R_CONSOLE", "R_DIRECTOR"} <= hosts.says[flow.initiator.address]
    monitor = _is_tray(flow) or identity.name.startswith(_MONITOR_PREFIX)
    return "9" if monitor or (both and "R_CLIENT" not in hosts.says) else "1"


def _to_file_daemon(flow: Flow, hosts: _Hosts) -> str | None:
    identity = flow.hello.identity
    if identity is None:
        storage = Role.STORAGE_DAEMON in hosts.accepts[flow.initiator.address]
        return "7" if storage else "3"
    if identity.type == "R_DIRECTOR":
        return "10" if _is_tray(flow) or hosts.is_monitor(identity.name) else "3"
    return "7" if identity.type == "R_JOB" else None


def _to_storage_daemon(flow: Flow, hosts: _Hosts) -> str | None:
    identity = flow.hello.identity
    roles = hosts.accepts[flow.initiator.address]
    if identity is None:
        if Role.DIRECTOR in roles or "R_DIRECTOR" in hosts.says[flow.initiator.address]:
            return "5a"
        return "8" if Role.STORAGE_DAEMON in roles else "6"
    if identity.type == "R_DIRECTOR":
        return "11" if _is_tray(flow) or hosts.is_monitor(identity.name) else "5a"
    if identity.type != "R_JOB":
        return None
    if len(flow.hello.connections) == 1:
        return next(iter(flow.hello.connections))
    storage_only = Role.STORAGE_DAEMON in roles and Role.FILE_DAEMON not in roles
    return "8" if storage_only else "6"


def _to_catalog(flow: Flow, hosts: _Hosts) -> str | None:
    del hosts
    spoken = flow.hello.transport in {Transport.POSTGRESQL, Transport.UNKNOWN}
    return "12" if spoken else None


_NUMBERS = {
    Role.DIRECTOR: _to_director,
    Role.FILE_DAEMON: _to_file_daemon,
    Role.STORAGE_DAEMON: _to_storage_daemon,
    Role.CATALOG: _to_catalog,
}
