"""Finds the domains of a configuration: each Director with all that works with it."""

from __future__ import annotations

from auditor.config.resources import Configuration, Program, ProgramConfig, Resource
from auditor.site import linking
from auditor.site.director_domain import (
    Daemon,
    DirectorDomain,
    OwnConfig,
    dialled_directors,
    director_resource_of,
    is_ndmp,
    monitor_names,
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
        self._watched_by: dict[Role, dict[str, list[int]]] = {}
        self._dialled: dict[str, list[Resource]] = {}
        self._programs: dict[Program, list[ProgramConfig]] = {}
        self._marked: dict[int, list[Resource]] = {}
        self._said: dict[Program, linking.Daemons] = {}
        for program in config.programs:
            self._programs.setdefault(program.program, []).append(program)
        self.registry = PeerRegistry(resolver, site_file)

    def programs(self, kind: Program) -> list[ProgramConfig]:
        """Return the configurations of one kind of program."""
        return self._programs.get(kind, [])

    def marked(self, program: ProgramConfig) -> list[Resource]:
        """Return a daemon's Director resources with ``Monitor = yes``: one may serve many."""
        if id(program) not in self._marked:
            self._marked[id(program)] = [
                one for one in program.of("Director") if one.flag("Monitor", False)
            ]
        return self._marked[id(program)]

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
        return [
            director
            for dialler in (Program.CONSOLE, Program.TRAY_MONITOR)
            for program in self.programs(dialler)
            for director in dialled_directors(program, own.name, alone)
        ]

    def _by_what_they_say(self, kind: Program) -> linking.Daemons:
        if kind not in self._said:
            self._said[kind] = linking.Daemons(self.programs(kind))
        return self._said[kind]

    def _daemons(
        self, program: ProgramConfig, own: Resource, kind: str, of: Program
    ) -> tuple[Daemon, ...]:
        resources = [resource for resource in program.of(kind) if not is_ndmp(resource)]
        links = linking.link(program, resources, self._by_what_they_say(of), self.registry.resolve)
        role = Role.STORAGE_DAEMON if of is Program.STORAGE_DAEMON else Role.FILE_DAEMON
        together: dict[int, list[Resource]] = {}
        for index, resource in enumerate(resources):
            together.setdefault(id(links.get(index, resource)), []).append(resource)
        return tuple(
            self._daemon(role, resource, own, links.get(i), together[id(links.get(i, resource))])
            for i, resource in enumerate(resources)
        )

    def _daemon(
        self,
        role: Role,
        director_side: Resource,
        director: Resource,
        program: ProgramConfig | None,
        together: list[Resource],
    ) -> Daemon:
        """Return the daemon of one Client or Storage of a Director; ``together`` are all of that
        Director's that name it."""
        own = tuple(
            OwnConfig(program, its, director_resource_of(program, director.name, director_side))
            for program in ([program] if program is not None else [])
            if (its := linking.own_resource(program)) is not None
        )
        certain = own[0].resource if own else None
        # On connection 4 a File Daemon names itself, so it has the name of its Client.
        shared = certain if role is Role.STORAGE_DAEMON else None
        name, source = director_side.name, director_side.source
        if shared is not None:
            name, source = shared.name, together[0].source
        monitored = [found for one in together for found in self._monitored(one, role)]
        names = [one.name for one in together]
        peer = self.registry.peer(
            role, name, source, *together, *monitored, own=certain, aliases=names
        )
        return Daemon(peer, director_side, own)

    def _monitored(self, director_side: Resource, role: Role) -> list[Resource]:
        """Return the tray monitors' resources for the same daemon: further addresses."""
        listed = self._console_resources(_KINDS[role])
        if role not in self._watched_by:
            by = self._watched_by[role] = {}
            for rank, found in enumerate(listed):
                for key in {f"name {found.name}", f"address {canonical(found.text('Address'))}"}:
                    by.setdefault(key, []).append(rank)
        address = canonical(director_side.text("Address"))
        keys = {f"name {director_side.name}"} | (
            {f"address {address}"} if address is not None else set()
        )
        ranks = {rank for key in keys for rank in self._watched_by[role].get(key, ())}
        return [listed[rank] for rank in sorted(ranks)]

    def _named_by_daemons(
        self, configured: tuple[DirectorDomain, ...]
    ) -> tuple[DirectorDomain, ...]:
        """Return domains for Directors that only File and Storage Daemons name."""
        linked = [d for one in configured for d in one.daemons]
        taken = {id(owned.director_resource) for daemon in linked for owned in daemon.own}
        peers = {id(d.own[0].program): d.peer for d in linked if len(d.own) == 1}
        # A monitor's entry without Monitor = yes has a Director's rights, and is none.
        names = {domain.peer.name for domain in configured} | monitor_names(self._config)
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
                        role, own.name, own.source, *self._watched_as(role, own.name), own=own
                    )
                    daemon = Daemon(peer, None, (OwnConfig(program, own, director),))
                    found.setdefault(director.name, []).append(daemon)
                    directors.setdefault(director.name, []).append(director)
        if not configured and found:
            first = next(iter(found.values()))
            known = {(daemon.peer.role, daemon.peer.name) for daemon in first}
            first += [d for d in self._watched() if (d.peer.role, d.peer.name) not in known]
        return tuple(
            self._domain(name, [*directors[name], *self._console_directors_named(name)], daemons)
            for name, daemons in found.items()
        )

    def _watched_as(self, role: Role, name: str) -> list[Resource]:
        return [one for one in self._console_resources(_KINDS[role]) if one.name == name]

    def _watched(self) -> list[Daemon]:
        """Return the daemons that tray monitors watch; they are taken for those of the first
        Director."""
        return [
            Daemon(self.registry.peer(role, found.name, found.source, found), None, ())
            for role, kind in _KINDS.items()
            for found in self._console_resources(kind)
        ]

    def _named_by_consoles(self) -> tuple[DirectorDomain, ...]:
        """Return domains for what bconsole and tray monitor configurations alone name."""
        names = dict.fromkeys(director.name for director in self._console_resources("Director"))
        daemons = self._watched()
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
        if kind not in self._dialled:
            self._dialled[kind] = [
                resource
                for dialler in (Program.CONSOLE, Program.TRAY_MONITOR)
                for program in self.programs(dialler)
                for resource in program.of(kind)
            ]
        return self._dialled[kind]


def _with_generic(peer: Peer, daemons: list[Daemon]) -> DirectorDomain:
    """Return a domain in which "any" daemon of each role stands for those that nobody names."""

    def of(role: Role) -> tuple[Daemon, ...]:
        named = tuple(daemon for daemon in daemons if daemon.peer.role is role)
        return (*named, Daemon(generic(role), None, ()))

    return DirectorDomain(peer, None, None, of(Role.FILE_DAEMON), of(Role.STORAGE_DAEMON))
