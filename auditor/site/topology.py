"""Finds the domains of a configuration: each Director with all that works with it."""

from __future__ import annotations

from auditor.config.resources import Configuration, Program, ProgramConfig, Resource
from auditor.site import linking
from auditor.site.director_domain import (
    Daemon,
    DirectorDomain,
    OwnConfig,
    director_resource_of,
    is_ndmp,
)
from auditor.site.model import Peer, Role
from auditor.site.peer_registry import PeerRegistry, generic
from auditor.site.resolver import Resolver, canonical
from auditor.site.site_file import SiteFile

_DAEMONS = {
    Program.FILE_DAEMON: Role.FILE_DAEMON,
    Program.STORAGE_DAEMON: Role.STORAGE_DAEMON,
}
#: The resource type by which a Director or a tray monitor names such a daemon.
_KINDS = {Role.FILE_DAEMON: "Client", Role.STORAGE_DAEMON: "Storage"}


class TopologyBuilder:
    """Finds the domains of a configuration, resolving names as it goes."""

    def __init__(self, config: Configuration, resolver: Resolver, site_file: SiteFile) -> None:
        self._config = config
        self.registry = PeerRegistry(resolver, site_file)

    def programs(self, kind: Program) -> list[ProgramConfig]:
        """Return the configurations of one kind of program."""
        return [program for program in self._config.programs if program.program is kind]

    def domains(self) -> tuple[DirectorDomain, ...]:
        """Return every configured Director, then those that only other programs name."""
        configured = tuple(
            self._configured(program, own)
            for program in self.programs(Program.DIRECTOR)
            if (own := linking.own_resource(program)) is not None
        )
        known = configured + self._named_by_daemons(configured)
        return known or self._named_by_consoles()

    def _configured(self, program: ProgramConfig, own: Resource) -> DirectorDomain:
        clients = self._daemons(program, own, "Client", Program.FILE_DAEMON)
        storages = self._daemons(program, own, "Storage", Program.STORAGE_DAEMON)
        daemons = (*clients, *storages)
        known = [o.director_resource for d in daemons for o in d.own if o.director_resource]
        peer = self.registry.peer(
            Role.DIRECTOR, own.name, own.source, *self._console_directors(own), *known, own=own
        )
        return DirectorDomain(peer, program, own, clients, storages)

    def _console_directors(self, own: Resource) -> list[Resource]:
        """Return the Director resources by which consoles and monitors dial this Director."""
        alone = len(self.programs(Program.DIRECTOR)) == 1
        return [d for d in self._console_resources("Director") if alone or d.name == own.name]

    def _daemons(
        self, program: ProgramConfig, own: Resource, kind: str, of: Program
    ) -> tuple[Daemon, ...]:
        resources = [resource for resource in program.of(kind) if not is_ndmp(resource)]
        storage = of is Program.STORAGE_DAEMON
        criteria: list[linking.Criterion] = [linking.same_address, linking.same_name]
        if storage:
            criteria.append(linking.same_device)
        criteria.append(linking.same_password)
        links = linking.link(resources, self.programs(of), criteria, exclusive=not storage)
        found = [links[index] for index in range(len(resources))]
        role = Role.STORAGE_DAEMON if storage else Role.FILE_DAEMON
        together: dict[int, list[Resource]] = {}
        for resource, programs in zip(resources, found, strict=True):
            together.setdefault(_key(resource, programs), []).append(resource)
        return tuple(
            self._daemon(role, resource, own, programs, together[_key(resource, programs)])
            for resource, programs in zip(resources, found, strict=True)
        )

    def _daemon(
        self,
        role: Role,
        director_side: Resource,
        director: Resource,
        programs: tuple[ProgramConfig, ...],
        together: list[Resource],
    ) -> Daemon:
        """Return the daemon of one Client or Storage of a Director; ``together`` are all of that
        Director's that name it."""
        own = tuple(
            OwnConfig(program, its, director_resource_of(program, director.name, director_side))
            for program in programs
            if (its := linking.own_resource(program)) is not None
        )
        certain = own[0].resource if len(own) == 1 else None
        first = together[0]
        name = certain.name if certain and role is Role.STORAGE_DAEMON else first.name
        monitored = [found for one in together for found in self._monitored(one, role)]
        names = [one.name for one in together]
        peer = self.registry.peer(
            role, name, first.source, *together, *monitored, own=certain, aliases=names
        )
        return Daemon(peer, director_side, own)

    def _monitored(self, director_side: Resource, role: Role) -> list[Resource]:
        """Return the tray monitors' resources for the same daemon: further addresses."""
        address = canonical(director_side.text("Address"))
        return [
            found
            for found in self._console_resources(_KINDS[role])
            if found.name == director_side.name
            or (address is not None and canonical(found.text("Address")) == address)
        ]

    def _named_by_daemons(
        self, configured: tuple[DirectorDomain, ...]
    ) -> tuple[DirectorDomain, ...]:
        """Return domains for Directors that only File and Storage Daemons name."""
        linked = [d for one in configured for d in (*one.clients, *one.storages)]
        taken = {id(owned.director_resource) for daemon in linked for owned in daemon.own}
        peers = {id(d.own[0].program): d.peer for d in linked if len(d.own) == 1}
        names = {domain.peer.name for domain in configured}
        found: dict[str, list[Daemon]] = {}
        directors: dict[str, list[Resource]] = {}
        for kind, role in _DAEMONS.items():
            for program in self.programs(kind):
                own = linking.own_resource(program)
                for director in program.of("Director"):
                    used = id(director) in taken or director.name in names
                    if own is None or used or director.flag("Monitor", False):
                        continue
                    peer = peers.get(id(program)) or self.registry.peer(
                        role, own.name, own.source, own=own
                    )
                    daemon = Daemon(peer, None, (OwnConfig(program, own, director),))
                    found.setdefault(director.name, []).append(daemon)
                    directors.setdefault(director.name, []).append(director)
        return tuple(
            self._domain(name, [*directors[name], *self._console_directors_named(name)], daemons)
            for name, daemons in found.items()
        )

    def _named_by_consoles(self) -> tuple[DirectorDomain, ...]:
        """Return domains for what bconsole and tray monitor configurations alone name; the
        daemons of a tray monitor are taken for those of the first Director."""
        names = dict.fromkeys(director.name for director in self._console_resources("Director"))
        daemons = [
            Daemon(self.registry.peer(role, found.name, found.source, found), None, ())
            for role, kind in _KINDS.items()
            for found in self._console_resources(kind)
        ]
        if not names and daemons:
            return (_with_generic(generic(Role.DIRECTOR), daemons),)
        return tuple(
            self._domain(name, self._console_directors_named(name), [] if rank else daemons)
            for rank, name in enumerate(names)
        )

    def _domain(
        self, name: str, directors: list[Resource], daemons: list[Daemon]
    ) -> DirectorDomain:
        peer = self.registry.peer(Role.DIRECTOR, name, directors[0].source, *directors)
        return _with_generic(peer, daemons)

    def _console_directors_named(self, name: str) -> list[Resource]:
        return [d for d in self._console_resources("Director") if d.name == name]

    def _console_resources(self, kind: str) -> list[Resource]:
        """Return the resources by which consoles and monitors dial others."""
        return [
            resource
            for dialler in (Program.CONSOLE, Program.TRAY_MONITOR)
            for program in self.programs(dialler)
            for resource in program.of(kind)
        ]


def _key(resource: Resource, programs: tuple[ProgramConfig, ...]) -> int:
    """Return what the Director's resources of one daemon share: its configuration, where it is
    certain."""
    return id(programs[0]) if len(programs) == 1 else id(resource)


def _with_generic(peer: Peer, daemons: list[Daemon]) -> DirectorDomain:
    """Return a domain in which "any" daemon stands for each role that nobody names."""

    def of(role: Role) -> tuple[Daemon, ...]:
        named = tuple(daemon for daemon in daemons if daemon.peer.role is role)
        return named or (Daemon(generic(role), None, ()),)

    return DirectorDomain(peer, None, None, of(Role.FILE_DAEMON), of(Role.STORAGE_DAEMON))
