"""Who has the rights of a Director, and who only looks on (bareos.md §1.8); and which Console a
bconsole uses (§1.1)."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.config.problem_kinds import ProblemKind
from auditor.config.resources import Affected, Problem, Program, ProgramConfig, Resource
from auditor.site.checks.pairs import consoles_named, monitored
from auditor.site.checks.ties import Tie, ties
from auditor.site.checks.view import SiteView, label_of, problem

#: What the packages call the tray monitor.
_CONVENTION = "bareos-mon"


def check_rights(view: SiteView) -> Iterator[Problem]:
    """Yield a problem for each Director resource whose Monitor is not what its name says, and for
    each monitor and console that is not the one it seems."""
    directors = {domain.peer.name: domain for domain in view.directors()}
    monitors = (view.monitors | {_CONVENTION}) - directors.keys()
    for kind in (Program.FILE_DAEMON, Program.STORAGE_DAEMON):
        for program in view.programs(kind):
            for entry in program.of("Director"):
                marked = entry.flag("Monitor", False)
                if marked and entry.name in directors.keys() - _tray_names(view):
                    yield _director_marked(view, program, entry)
                elif not marked and entry.name in monitors:
                    yield _monitor_unmarked(view, program, entry)
    known = list(ties(view))
    for program in view.programs(Program.TRAY_MONITOR):
        yield from _unknown_monitor(view, program, known)
    for program in view.programs(Program.CONSOLE):
        yield from _bound_elsewhere(program)


def _tray_names(view: SiteView) -> set[str]:
    trays = view.programs(Program.TRAY_MONITOR)
    return {monitor.name for program in trays for monitor in program.of("Monitor")}


def _director_marked(view: SiteView, program: ProgramConfig, entry: Resource) -> Problem:
    daemon, director = view.daemon_of(program), f"director {entry.name}"
    numbers = ("3",) if program.program is Program.FILE_DAEMON else ("5a", "5b")
    return problem(
        ProblemKind.DIRECTOR_MARKED_MONITOR,
        f"{daemon} takes {director} for a monitor, which may only ask for the status",
        (entry, "Monitor"),
        daemon,
        others=(entry.where("Name"),),
        affects=tuple(Affected(number, director, daemon) for number in numbers),
        remedy=f"Remove Monitor = yes at {entry.where('Monitor')}.",
    )


def _monitor_unmarked(view: SiteView, program: ProgramConfig, entry: Resource) -> Problem:
    daemon = view.daemon_of(program)
    number = "10" if program.program is Program.FILE_DAEMON else "11"
    return problem(
        ProblemKind.MONITOR_WITHOUT_FLAG,
        f"{daemon} gives the monitor {entry.name} the rights of a Director, because its resource "
        "has no Monitor = yes",
        (entry, "Monitor"),
        daemon,
        affects=(Affected(number, f"tray monitor {entry.name}", daemon),),
        remedy=f"Write Monitor = yes into the resource at {entry.source}.",
    )


def _unknown_monitor(view: SiteView, program: ProgramConfig, known: list[Tie]) -> Iterator[Problem]:
    monitor = next(program.of("Monitor"), None)
    if monitor is None or _is_unknown_to_its_director(view, program, monitor):
        return  # its name has a problem already
    for resource in program.of("Client", "Storage"):
        for tie in monitored(view, resource, known):
            listed = list(tie.program.of("Director"))
            names = [one.name for one in listed]
            if not tie.program.whole or monitor.name in names:
                continue
            daemon = str(tie.daemon.peer)
            number = "10" if resource.type == "Client" else "11"
            yield problem(
                ProblemKind.MONITOR_UNKNOWN,
                f"{label_of(program)} dials {daemon}, which knows "
                f"{', '.join(map(repr, names)) or 'nobody'} only",
                (resource, "Name"),
                label_of(program),
                others=(monitor.where("Name"), *(one.where("Name") for one in listed)),
                affects=(Affected(number, label_of(program), daemon),),
                remedy=f"Add a Director resource {monitor.name} with Monitor = yes to {daemon}.",
            )


def _is_unknown_to_its_director(view: SiteView, program: ProgramConfig, monitor: Resource) -> bool:
    domains = [view.director_of(one) for one in program.of("Director")]
    return any(
        domain is not None
        and domain.program is not None
        and domain.program.whole
        and not any(consoles_named(domain, monitor.name))
        for domain in domains
    )


def _bound_elsewhere(program: ProgramConfig) -> Iterator[Problem]:
    """The first Console that was read is used for every Director (bareos.md §1.1)."""
    consoles = list(program.of("Console"))
    if not consoles or not consoles[0].text("Director"):
        return
    used, label = consoles[0], label_of(program)
    bound = used.text("Director")
    for dialled in program.of("Director"):
        if dialled.name == bound:
            continue
        meant = next((c for c in consoles[1:] if c.text("Director") == dialled.name), None)
        instead = f", not Console {meant.name}" if meant is not None else ""
        yield problem(
            ProblemKind.CONSOLE_BOUND_ELSEWHERE,
            f"bconsole dials Director {dialled.name} as Console {used.name}, which is bound to "
            f"{bound!r}{instead}: it uses the first Console that it has read",
            (used, "Director"),
            label,
            others=(dialled.where("Name"), *((meant.where("Director"),) if meant else ())),
            affects=(Affected("1", label, f"director {dialled.name}"),),
            remedy=f"Give each Director a bconsole.conf of its own; the Console for "
            f"{dialled.name} must be the first in it ({used.source}).",
        )
