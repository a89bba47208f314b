"""What checks of a site are given: its programs, its Directors, and how names resolve."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from auditor.config.problem_kinds import ProblemKind
from auditor.config.resources import (
    Affected,
    Configuration,
    Problem,
    Program,
    ProgramConfig,
    Resource,
    Source,
)
from auditor.config.schema import OWN_RESOURCE
from auditor.site.consoles import DEFAULT_CONSOLE
from auditor.site.director_domain import DirectorDomain
from auditor.site.model import Expectation
from auditor.site.networks import is_local
from auditor.site.resolver import is_loopback
from auditor.site.topology import TopologyBuilder


@dataclass(frozen=True, slots=True)
class SiteView:
    """One site before it is built: what its checks look at."""

    config: Configuration
    topology: TopologyBuilder
    domains: tuple[DirectorDomain, ...]
    monitors: frozenset[str]
    """Names that tray monitors use."""
    rows: tuple[Expectation, ...] = ()
    """The connections that it calls for."""
    _labels: dict[int, str] = field(default_factory=dict, compare=False, repr=False)
    _known_at: dict[tuple[str, int], Counter[str]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def programs(self, kind: Program) -> list[ProgramConfig]:
        """Return the configurations of one kind of program."""
        return [program for program in self.config.programs if program.program is kind]

    def directors(self) -> Iterator[DirectorDomain]:
        """Yield the Directors whose own configuration is at hand."""
        return (domain for domain in self.domains if domain.resource is not None)

    def daemon_of(self, program: ProgramConfig) -> str:
        """Return role and name by which the site's connections call the daemon, console or monitor
        that has a configuration, such as ``file daemon fd1``."""
        if not self._labels:
            for domain in self.domains:
                for daemon in domain.daemons:
                    if len(daemon.own) == 1:
                        self._labels.setdefault(id(daemon.own[0].program), str(daemon.peer))
        return self._labels.get(id(program)) or label_of(program)

    def resolve(self, name: str) -> frozenset[str]:
        """Return every address of a name or literal; empty: not known."""
        return self.topology.registry.resolve(name)

    def may_be_another(self, resource: Resource, domain: DirectorDomain) -> bool:
        """Tell whether a Director resource has a Director's name, and an address at which nobody
        else knows that Director: there may be two of that name."""
        target = {one for one in self.resolve(resource.text("Address")) if not is_loopback(one)}
        if not target:
            return False
        known = self._addresses_of(domain)
        own = target if resource.name == domain.peer.name else set[str]()
        others = {one for one in target if known[one] > (one in own)}
        alone = sum(known[one] == 1 for one in own)  # at which only this resource knows it
        return not others and len(known) > alone

    def _addresses_of(self, domain: DirectorDomain) -> Counter[str]:
        """Return at which addresses others know a Director of that name, each resource once."""
        key = (domain.peer.name, id(domain.program))
        if key not in self._known_at:
            self._known_at[key] = Counter(
                address
                for program in self.config.programs
                if program is not domain.program
                for other in program.of("Director")
                if other.name == domain.peer.name
                for address in self.resolve(other.text("Address"))
                if not is_loopback(address)
            )
        return self._known_at[key]

    def director_of(self, resource: Resource) -> DirectorDomain | None:
        """Return the Director that a Director resource of another program means: the only one of
        that name, else the only one at that address; None: not certain."""
        named = [d for d in self.directors() if d.peer.name == resource.name]
        if len(named) == 1:
            return named[0]
        target = self.resolve(resource.text("Address"))
        there = [d for d in named or self.directors() if target & d.peer.addresses]
        return there[0] if len(there) == 1 and there[0].peer.located else None


def label_of(program: ProgramConfig) -> str:
    """Return role and name of the program that has a configuration, such as ``console admin``."""
    if program.program is Program.CONSOLE:
        named = next((one.name for one in program.of("Console")), DEFAULT_CONSOLE)
    else:
        own = next(program.of(OWN_RESOURCE[program.program]), None)
        named = own.name if own is not None else ""
    return f"{program.program.value} {named}".strip()


def dials_itself(program: ProgramConfig, resource: Resource, other: ProgramConfig) -> bool:
    """Tell whether a program dials its own host, and the configuration of what it means lies with
    another host's: it may mean a daemon of its own host, which was not given."""
    apart = program.confdir != other.confdir and program.host != other.host
    known = bool(program.host) and bool(other.host)
    return apart and known and is_local(resource.text("Address"))


def problem(
    kind: ProblemKind,
    message: str,
    at: tuple[Resource, str],
    daemon: str,
    *,
    others: tuple[Source, ...] = (),
    affects: tuple[Affected, ...] = (),
    remedy: str = "",
) -> Problem:
    """Return a problem at a directive of a resource; the resource's head where it is not
    written."""
    resource, directive = at
    return Problem(
        kind,
        message,
        resource.where(directive),
        f"{resource.type} {resource.name}",
        daemon,
        others=others,
        affects=affects,
        remedy=remedy,
    )
