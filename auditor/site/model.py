"""The site: who there is, where, and which connections the configuration calls for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from auditor.config.resources import Problem, Source
from auditor.site.resolver import is_loopback
from auditor.site.site_file import SiteFile


class Role(StrEnum):
    """What a program is to others."""

    DIRECTOR = "director"
    FILE_DAEMON = "file daemon"
    STORAGE_DAEMON = "storage daemon"
    CONSOLE = "console"
    TRAY_MONITOR = "tray monitor"
    CATALOG = "catalog"


class Permission(StrEnum):
    """What the configuration says of a connection."""

    REQUIRED = "required"
    """It must be there all the time (a waiting connection 4)."""
    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"


class TlsPolicy(StrEnum):
    """What both ends' TlsEnable and TlsRequire come to (bareos.md §3.7)."""

    REQUIRED = "required"
    ALLOWED = "allowed"
    """TLS is tried first, cleartext is accepted."""
    OFF = "off"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Peer:
    """One daemon, console, monitor or catalog, as an end of connections."""

    role: Role
    name: str
    """As people know it: its own name, else the name the Director gives it."""
    addresses: frozenset[str] = frozenset()
    """Every IP literal at which it is known; empty for one that may dial from anywhere."""
    ports: frozenset[int] = frozenset()
    """Ports at which it listens or is dialled."""
    source: Source | None = None
    """Where it is defined."""
    generic: bool = False
    """Stands for any daemon of its role, because no configuration names them."""

    @property
    def located(self) -> bool:
        """Whether an address is known that tells this host from others: a loopback does not."""
        return any(not is_loopback(address) for address in self.addresses)

    def is_same(self, other: Peer) -> bool:
        """Tell whether two views of a daemon, such as two Storages or two Directors' Clients,
        are of one: the same role, and a common address or name."""
        if self == other:
            return True
        common = self.addresses & other.addresses if self.located and other.located else None
        same = bool(common) if common is not None else self.name == other.name
        return self.role is other.role and same

    def __str__(self) -> str:
        return f"any {self.role}" if self.generic else f"{self.role} {self.name}"


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The HeartbeatInterval on the initiating socket of a connection (bareos.md §0)."""

    seconds: int | None = None
    """Effective value; 0: the operating system's timers; None: the configuration that sets it
    is not at hand."""
    source: Source | None = None
    """Where it is written, or the resource in which one would write it."""
    reason: str = ""
    """Why it is 0 or unknown, in words."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One configuration's word on the name that the initiator's hello must carry."""

    name: str
    source: Source | None


@dataclass(frozen=True, slots=True)
class Expectation:
    """One connection that the site requires, allows or forbids."""

    id: str
    connection: str
    initiator: Peer
    acceptor: Peer
    address: str
    """What the initiator dials, as written; empty: any address of the acceptor."""
    addresses: frozenset[str]
    """The same, resolved."""
    port: int
    permission: Permission
    permission_source: Source | None
    """Where the permission is decided: the directive that forbids or requires it, else the
    resource that makes it possible."""
    heartbeat: Heartbeat
    tls: TlsPolicy
    tls_source: Source | None
    claims: tuple[Claim, ...] = ()
    initiator_claims: tuple[Claim, ...] = ()
    """What the initiator calls itself in its own cleartext challenge where its hello names a job
    (6 and 8, bareos.md §3.3)."""
    acceptor_claims: tuple[Claim, ...] = ()
    """What the acceptor calls itself in its cleartext challenge (bareos.md §3.3)."""
    sources: tuple[Source, ...] = ()
    """Every place that this row was derived from."""
    jobs: tuple[str, ...] = ()
    """Jobs that are planned to use it (connections 6, 7, 8)."""
    hello_jobs: frozenset[str] = frozenset()
    """Jobs that its hello is planned to name: the same for 6 and 7; for 8 the jobs whose data
    are copied (bareos.md §3.4)."""
    job_sources: tuple[Source, ...] = ()
    """Where those jobs are written."""
    director: str = ""
    """Name of the Director that orders it."""
    passive: bool | None = None
    """Connections 6 and 7: whether the client is passive; None: not known."""
    passive_source: Source | None = None
    lan_pair: bool | None = None
    """Connections 6, 7, 8: whether both resources have a LanAddress (bareos.md §4.5); None: not
    known, or it has no meaning."""
    lan_sources: tuple[Source, ...] = ()
    plain_addresses: frozenset[str] = frozenset()
    """The resolved ``Address`` where ``address`` may be a LanAddress."""
    lan_addresses: frozenset[str] = frozenset()
    """The acceptor's resolved ``LanAddress``, whether it is due or not."""


@dataclass(frozen=True, slots=True)
class Site:
    """All that the configuration, the site file and the resolver say together."""

    peers: tuple[Peer, ...]
    expectations: tuple[Expectation, ...]
    jobs: Mapping[str, frozenset[str]]
    """Names of the Jobs each configured Director knows, by the Director's name."""
    verify_jobs: frozenset[str]
    """Names of Verify jobs, which ignore LanAddress (bareos.md §4.5)."""
    monitors: frozenset[str]
    """Names that tray monitors use."""
    configured: frozenset[tuple[Role, str]] = frozenset()
    """Role and name of each daemon whose own configuration is at hand: only these tell who may
    dial them."""
    site_file: SiteFile = field(default_factory=SiteFile)
    problems: tuple[Problem, ...] = ()

    def ports(self) -> frozenset[int]:
        """Return every TCP port that one of the expected connections may use."""
        dialled = {expectation.port for expectation in self.expectations}
        return frozenset(dialled.union(*(peer.ports for peer in self.peers)))
