"""The site: who there is, where, and which connections the configuration calls for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from auditor.config.resources import Problem, Source
from auditor.site.entries import Entry, Guests
from auditor.site.heartbeat import Heartbeat
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
    NOT_EXPECTED = "not expected"
    """One end is Bacula, which never begins with TLS."""
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
    assumed: bool = False
    """That it is at its addresses is inferred: it is the only one of its role that may be on the
    recording host (``judge.matching.own_host``)."""

    @property
    def located(self) -> bool:
        """Whether an address is known that tells this host from others: a loopback does not."""
        return any(not is_loopback(address) for address in self.addresses)

    def is_same(self, other: Peer) -> bool:
        """Tell whether two peers, such as two Storages or two Directors' Clients, are one daemon:
        the same role, and a common address or name."""
        if self == other:
            return True
        common = self.addresses & other.addresses if self.located and other.located else None
        same = bool(common) if common is not None else self.name == other.name
        return self.role is other.role and same

    def __str__(self) -> str:
        return f"any {self.role}" if self.generic else f"{self.role} {self.name}"


class Claim(NamedTuple):
    """The name that, by one configuration, the initiator's hello must carry."""

    name: str
    source: Source | None


class Target(NamedTuple):
    """What an initiator dials."""

    address: str
    """As written; empty: any address of the acceptor."""
    addresses: frozenset[str]
    """The same, resolved."""
    port: int
    source: Source | None


class Lan(NamedTuple):
    """Connections 6, 7 and 8: whether the LanAddress is dialled (bareos.md §4.5)."""

    pair: bool | None = None
    """Whether both resources have a LanAddress; None: not known, or it has no meaning."""
    sources: tuple[Source, ...] = ()
    plain: frozenset[str] = frozenset()
    """The resolved ``Address`` where the target may be a LanAddress."""
    addresses: frozenset[str] = frozenset()
    """The acceptor's resolved ``LanAddress``, whether it is due or not."""


class Passive(NamedTuple):
    """Connections 6 and 7: whether the client is passive, and where that is written."""

    value: bool | None = None
    """None: not known."""
    source: Source | None = None


class PlannedJob(NamedTuple):
    """A Job that is planned to use a connection, and where it is written."""

    name: str
    source: Source


@dataclass(frozen=True, slots=True)
class Expectation:
    """One connection that the site requires, allows or forbids: the one shape of this."""

    connection: str
    initiator: Peer
    acceptor: Peer
    target: Target
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
    resources: tuple[Source, ...] = ()
    """The head lines of the resources that it was derived from."""
    director: str = ""
    """Name of the Director that orders it."""
    source_address: str = ""
    """What the initiator binds to, as written; empty: its system chooses."""
    label: str = ""
    """Tells rows apart that have the same number and ends (two Storages of one daemon)."""
    serial: int = 1
    """Tells rows apart that have the same label too: 2 for the second of them."""
    jobs: tuple[PlannedJob, ...] = ()
    """Jobs that are planned to use it (connections 6, 7, 8)."""
    hello_jobs: frozenset[str] = frozenset()
    """Jobs that its hello is planned to name: the same for 6 and 7; for 8 the jobs whose data
    are copied (bareos.md §3.4)."""
    passive: Passive = Passive()
    lan: Lan = Lan()
    dialler: Entry | None = None
    """The initiator's resource for the login; None: it is not at hand, or a job's key counts."""

    @property
    def id(self) -> str:
        """Number, both ends, and what others with these do not share: ``6:fd1>sd1(store1)#2``."""
        ends = f"{self.initiator.name or '*'}>{self.acceptor.name or '*'}"
        shown = {"", self.initiator.name, self.acceptor.name}
        label = "" if shown.issuperset(self.label.split(",")) else f"({self.label})"
        serial = "" if self.serial == 1 else f"#{self.serial}"
        return f"{self.connection}:{ends}{label}{serial}"

    @property
    def address(self) -> str:
        """The address that is dialled, as written; empty: any of the acceptor's."""
        return self.target.address

    @property
    def addresses(self) -> frozenset[str]:
        """The same, resolved."""
        return self.target.addresses

    @property
    def port(self) -> int:
        """The TCP port that is dialled."""
        return self.target.port

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every place that this row was derived from, once each."""
        facts = (self.permission_source, self.target.source, self.heartbeat.source)
        found = dict.fromkeys((*facts, *self.lan.sources, *self.resources))
        return tuple(source for source in found if source is not None)


@dataclass(frozen=True, slots=True)
class Site:
    """All that the configuration, the site file and the resolver say together."""

    peers: tuple[Peer, ...]
    expectations: tuple[Expectation, ...]
    jobs: Mapping[str, frozenset[str]]
    """Names of the Jobs each configured Director knows, by the Director's name. One without any Job
    does nothing: its Jobs are in files that are not at hand, and it is left out."""
    verify_jobs: frozenset[str]
    """Names of Verify jobs, which ignore LanAddress (bareos.md §4.5)."""
    monitors: frozenset[str]
    """Names that tray monitors use."""
    described: frozenset[tuple[Role, str]] = frozenset()
    """Role and name of each daemon whose own configuration is at hand."""
    configured: frozenset[tuple[Role, str]] = frozenset()
    """Those of them that are known with all who may dial them, since nothing hides a part."""
    incomplete: str = ""
    """What hides a part of the configuration, so that somebody may be known there; empty:
    nothing."""
    guests: Mapping[tuple[Role, str], Guests] = field(default_factory=dict)
    """Who may log in to each daemon whose own configuration is certain, by role and name."""
    directors_known: bool = True
    """The whole configuration of every Director is at hand: only it names all clients and
    storages, so that without it another one may be at any address."""
    tls_elsewhere: TlsPolicy = TlsPolicy.UNKNOWN
    """What holds for a connection that has a number, but may be that of other daemons."""
    site_file: SiteFile = field(default_factory=SiteFile)
    problems: tuple[Problem, ...] = ()

    def ports(self) -> frozenset[int]:
        """Return every TCP port that one of the expected connections may use."""
        dialled = {expectation.port for expectation in self.expectations}
        return frozenset(dialled.union(*(peer.ports for peer in self.peers)))
