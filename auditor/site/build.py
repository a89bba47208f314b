"""One configuration, one site file, one resolver: one site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import accumulate, chain, islice

from auditor.config.problem_kinds import ProblemKind
from auditor.config.resources import Configuration, Problem, Source
from auditor.errors import ConfigurationError
from auditor.site.catalog import expect_catalog
from auditor.site.checks.every import check_site
from auditor.site.checks.view import SiteView
from auditor.site.connections import connections
from auditor.site.consoles import expect_consoles
from auditor.site.control_connections import expect_control
from auditor.site.data_connections import count_data, expect_data
from auditor.site.director_domain import DirectorDomain, monitor_names
from auditor.site.guests import guests
from auditor.site.jobs import Plan, plan
from auditor.site.model import Expectation, Peer, Role, Site, TlsPolicy
from auditor.site.monitors import expect_monitors
from auditor.site.resolver import Resolver
from auditor.site.site_file import SiteFile
from auditor.site.topology import TopologyBuilder
from auditor.site.written_addresses import address_settings, addresses_in, written
from auditor.text import printable

#: Every client can be connected to every storage, and every storage to every other; a row takes
#: two kilobytes. The largest sites have some hundred thousand.
MAX_EXPECTATIONS = 250_000
#: How many places of one name a problem lists.
_MOST_PLACES = 6
_NO_PLAN = Plan({}, {}, {}, frozenset(), frozenset())


def build_site(
    config: Configuration, resolver: Resolver, site_file: SiteFile | None = None
) -> Site:
    """Return the site that a configuration describes.

    A name that nobody can resolve becomes a problem of the site, never an error: the rows that
    need it then match by everything but the address.
    """
    site_file = site_file or SiteFile()
    resolver.ask_for(written(config))
    topology = TopologyBuilder(config, resolver, site_file)
    monitors = monitor_names(config)
    domains = topology.domains()
    plans = {id(d): plan(d.program) if d.program is not None else _NO_PLAN for d in domains}
    rows: list[Expectation] = []
    for sure, domain in zip(accumulate(map(count_data, domains)), domains, strict=True):
        _check_count(sure, domain)
    for domain in domains:
        more = _rows(domain, plans[id(domain)], topology, monitors, alone=len(domains) == 1)
        rows.extend(islice(more, MAX_EXPECTATIONS + 1 - len(rows)))
        _check_count(len(rows), domain)
    bacula = bacula_peers(config, domains)
    rows = list(_without_tls(rows, bacula))
    order = {number: rank for rank, number in enumerate(connections())}
    rows.sort(key=lambda row: order[row.connection])
    view = SiteView(config, topology, domains, monitors, tuple(rows))
    described = frozenset(_described(domains))
    odd = tuple(check_site(view))
    unknown = tuple(_unknown_directors(domains))
    return Site(
        peers=tuple(_peers(rows)),
        expectations=tuple(_unique_ids(rows)),
        jobs={
            d.peer.name: plans[id(d)].names
            for d in domains
            if d.program is not None and d.program.whole and plans[id(d)].names
        },
        verify_jobs=frozenset().union(*(planned.verify for planned in plans.values())),
        monitors=monitors,
        described=described,
        configured=described.difference(_hidden(domains)),
        incomplete=next(chain(_incomplete(config), unknown), ""),
        guests=guests(view),
        tls_elsewhere=TlsPolicy.NOT_EXPECTED if bacula is None else TlsPolicy.UNKNOWN,
        directors_known=not unknown,
        site_file=site_file,
        problems=(
            *config.problems,
            *odd,
            *_unresolved(config, resolver, odd),
            *_unused(topology.registry.unused),
        ),
    )


def _check_count(connections: int, domain: DirectorDomain) -> None:
    if connections > MAX_EXPECTATIONS:
        raise ConfigurationError(
            f"this calls for more than {MAX_EXPECTATIONS} connections, most of them between each "
            "client and each storage of one Director; give fewer Directors, or a part of their "
            "clients and storages, at a time",
            domain.program.root if domain.program is not None else str(domain.peer),
        )


def bacula_peers(
    config: Configuration, domains: Iterable[DirectorDomain]
) -> frozenset[tuple[Role, str]] | None:
    """Return role and name of each daemon that is Bacula's; None: everybody is."""
    if all(program.bacula for program in config.programs):
        return None
    found = {
        (daemon.peer.role, daemon.peer.name)
        for domain in domains
        for daemon in domain.daemons
        if any(own.program.bacula for own in daemon.own)
    }
    directors = (d.peer for d in domains if d.program is not None and d.program.bacula)
    return frozenset(found | {(peer.role, peer.name) for peer in directors})


def _without_tls(
    rows: Iterable[Expectation], bacula: frozenset[tuple[Role, str]] | None
) -> Iterator[Expectation]:
    for row in rows:
        ends = {(peer.role, peer.name) for peer in (row.initiator, row.acceptor)}
        if row.connection != "12" and (bacula is None or not bacula.isdisjoint(ends)):
            yield replace(row, tls=TlsPolicy.NOT_EXPECTED, tls_source=None)
        else:
            yield row


def _described(domains: Iterable[DirectorDomain]) -> Iterator[tuple[Role, str]]:
    for domain in domains:
        if domain.program is not None:
            yield domain.peer.role, domain.peer.name
            for catalog in domain.program.of("Catalog"):  # it has no configuration of its own
                yield Role.CATALOG, catalog.name
        for daemon in domain.daemons:
            if daemon.own:
                yield daemon.peer.role, daemon.peer.name


def _hidden(domains: Iterable[DirectorDomain]) -> Iterator[tuple[Role, str]]:
    """Yield whom somebody may dial who is not known, because a part of the Director's resources,
    or of its own, may be missing."""
    for domain in domains:
        if domain.program is not None and not domain.program.whole:
            yield domain.peer.role, domain.peer.name
            for daemon in domain.daemons:
                yield daemon.peer.role, daemon.peer.name
        for daemon in domain.daemons:
            if not all(own.program.whole for own in daemon.own):
                yield daemon.peer.role, daemon.peer.name


def _incomplete(config: Configuration) -> Iterator[str]:
    """Yield what hides a part of the configuration, in words."""
    for problem in config.problems:
        if problem.kind.hides:
            yield f"{problem.source} includes what was not read, and it may be named there"
    for program in config.programs:
        if not program.whole:
            yield f"only a part of {printable(program.root)} was given, and it may be in the rest"


def _unknown_directors(domains: Collection[DirectorDomain]) -> Iterator[str]:
    """Yield which Director's configuration is missing, or not whole, in words: only it names all
    clients and storages."""
    for domain in domains:
        shown = printable(str(domain.peer))
        if domain.program is None:
            yield f"no configuration of {shown} is at hand"
        elif not domain.program.whole:
            yield f"the whole configuration of {shown} is not at hand"
    if not domains:
        yield "no Director's configuration is at hand"


def _rows(
    domain: DirectorDomain,
    planned: Plan,
    topology: TopologyBuilder,
    monitors: frozenset[str],
    *,
    alone: bool,
) -> Iterator[Expectation]:
    if not domain.peer.generic:
        yield from expect_consoles(domain, topology, monitors, alone=alone)
        yield from expect_control(domain, topology)
        yield from expect_data(domain, planned, topology)
    yield from expect_monitors(domain, topology, monitors, alone=alone)
    yield from expect_catalog(domain, topology)


def _peers(rows: Iterable[Expectation]) -> Iterator[Peer]:
    yield from dict.fromkeys(peer for row in rows for peer in (row.initiator, row.acceptor))


def _unique_ids(rows: list[Expectation]) -> Iterator[Expectation]:
    """Number the ids that two rows share (two catalogs of one name cannot be, two bconsoles
    that read the same file can)."""
    seen: Counter[str] = Counter()
    for row in rows:
        shared = row.id
        seen[shared] += 1
        yield row if seen[shared] == 1 else replace(row, serial=seen[shared])


def _unresolved(
    config: Configuration, resolver: Resolver, odd: Iterable[Problem]
) -> Iterator[Problem]:
    """Yield a problem for each name without an address, unless it was named for being bare."""
    bare = {one.source for one in odd if one.kind is ProblemKind.NAME_WITHOUT_DOT}
    written = _places(config, resolver.unresolved) if resolver.unresolved else {}
    for name in sorted(resolver.unresolved):
        at = written.get(name.lower(), [])
        if bare.isdisjoint(at):
            message = f"{name!r} has no address here: give it one with --hosts or in the site file"
            if name in resolver.late:
                message = (
                    f"{name!r} was not resolved in time (all names together have "
                    f"{resolver.timeout:g} s): give it an address with --hosts or in the site "
                    "file, or more time with --resolve-timeout"
                )
            others = tuple(at[1:_MOST_PLACES])
            first = at[0] if at else None
            yield Problem(ProblemKind.NAME_UNRESOLVED, message, first, others=others)


def _unused(daemons: Iterable[str]) -> Iterator[Problem]:
    for daemon in daemons:
        message = f"the site file speaks of {daemon!r}, which no configuration has"
        yield Problem(ProblemKind.SITE_FILE_DAEMON_UNKNOWN, message, None, daemon=daemon)


def _places(config: Configuration, names: Collection[str]) -> dict[str, list[Source]]:
    """Return where host names are written, by their lower-case spelling."""
    found: dict[str, list[Source]] = {name.lower(): [] for name in names}
    for setting in address_settings(config):
        for name in addresses_in(setting):
            found.get(name.lower(), []).append(setting.source)
    return found
