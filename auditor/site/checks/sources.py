"""SourceAddress: what a daemon cannot dial from (bareos.md §1.0)."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.config.problem_kinds import ProblemKind
from auditor.config.resources import Affected, Listen, Problem, Program, ProgramConfig, Resource
from auditor.site import linking
from auditor.site.checks.view import SiteView, problem
from auditor.site.model import Expectation
from auditor.site.networks import family
from auditor.site.resolver import canonical, is_loopback

_NUMBERS = {
    Program.DIRECTOR: {"3", "5a", "5b"},
    Program.FILE_DAEMON: {"4", "6"},
    Program.STORAGE_DAEMON: {"7", "8"},
}


def check_sources(view: SiteView) -> Iterator[Problem]:
    """Yield a problem for each SourceAddress from which no address that its daemon dials can be
    reached."""
    for kind, numbers in _NUMBERS.items():
        for program in view.programs(kind):
            own = linking.own_resource(program)
            source = _source(own) if own is not None else None
            if own is not None and source is not None:
                rows = [row for row in view.rows if row.connection in numbers and row.addresses]
                yield from _unusable(view, program, own, source, rows)


def _source(own: Resource) -> str | None:
    setting = own.get("SourceAddress")
    value = setting.value if setting is not None else ()
    first = next(iter(value), None) if isinstance(value, tuple) else None
    return canonical(first.address) if isinstance(first, Listen) else None


def _unusable(
    view: SiteView, program: ProgramConfig, own: Resource, source: str, rows: list[Expectation]
) -> Iterator[Problem]:
    daemon = view.daemon_of(program)
    bad = [
        row
        for row in rows
        if str(row.initiator) == daemon and row.permission != "forbidden" and _fails(source, row)
    ]
    if not bad:
        return
    why = "is of this host alone" if is_loopback(source) else f"is IPv{family(source)}"
    dialled = ", ".join(list(dict.fromkeys(row.address for row in bad))[:4])
    lines = dict.fromkeys(row.target.source for row in bad)
    yield problem(
        ProblemKind.SOURCE_ADDRESS_UNUSABLE,
        f"{daemon} cannot dial {dialled} from {source}, which {why}",
        (own, "SourceAddress"),
        daemon,
        others=tuple(line for line in lines if line is not None)[:4],
        affects=tuple(dict.fromkeys(Affected(r.connection, daemon, str(r.acceptor)) for r in bad)),
        remedy=f"Remove SourceAddress at {own.where('SourceAddress')}, or write one of this host's "
        "addresses of the same family as what it dials.",
    )


def _fails(source: str, row: Expectation) -> bool:
    if is_loopback(source):
        return not any(map(is_loopback, row.addresses))
    return family(source) not in set(map(family, row.addresses))
