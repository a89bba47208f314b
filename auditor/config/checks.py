"""What can only be judged when all of a program's resources are known (bareos.md §5.4, §5.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from auditor.config.problem_kinds import ProblemKind
from auditor.config.resource_builder import ResourceBuilder
from auditor.config.resources import Problem, Program
from auditor.config.schema import OWN_RESOURCE
from auditor.errors import ConfigurationError
from auditor.text import printable

#: The resource whose name a program goes by: a bconsole by that of its Console (bareos.md §1.1).
_NAMING = {**OWN_RESOURCE, Program.CONSOLE: "Console"}


def refuse_duplicates(builders: Iterable[ResourceBuilder]) -> None:
    """Raise ConfigurationError at the second of two resources with one type and name."""
    first: dict[tuple[str, str], ResourceBuilder] = {}
    for builder in builders:
        earlier = first.setdefault((builder.type.name, builder.name), builder)
        if earlier is not builder:
            raise ConfigurationError(
                f"a second {builder.type.name} named {builder.name!r}; the first is at "
                f"{earlier.source}",
                *builder.source,
            )


def is_whole(program: Program, builders: Iterable[ResourceBuilder]) -> bool:
    """Tell whether the resource is there without which the program does not start."""
    return any(builder.type.name == OWN_RESOURCE[program] for builder in builders)


def daemon_of(program: Program, builders: Iterable[ResourceBuilder]) -> str:
    """Return role and name of the daemon, console or monitor that has these resources, such as
    ``file daemon fd1``; empty where the resource that names it is not there."""
    names = (builder.name for builder in builders if builder.type.name == _NAMING[program])
    name = next(names, "")
    return f"{program.value} {name}" if name else ""


def dangling(builders: Sequence[ResourceBuilder], *, all_given: bool) -> Iterator[Problem]:
    """Yield a problem for each reference to a resource that is not there.

    Raises ConfigurationError for the first one instead where ``all_given``: nothing of the
    program's configuration can be missing, so that it would not start.
    """
    known = {(builder.type.name, builder.name) for builder in builders}
    for builder in builders:
        for reference in builder.references:
            if (reference.type, reference.name) in known:
                continue
            message = f"{reference.directive} names the {reference.type} {reference.name!r}"
            if all_given:
                raise ConfigurationError(f"{message}, which does not exist", *reference.source)
            message = f"{message}, which was not given"
            kind = ProblemKind.REFERENCE_NOT_GIVEN
            yield Problem(kind, message, reference.source, builder.label)


def missing_own(
    program: Program, builders: Iterable[ResourceBuilder], root: Path
) -> Iterator[Problem]:
    """Yield a problem where the resource is not there without which the program does not start."""
    if not is_whole(program, builders):
        message = (
            f"{printable(str(root))} is only a part of the configuration of a {program.value}: it "
            f"has no {OWN_RESOURCE[program]}"
        )
        yield Problem(ProblemKind.CONFIGURATION_PARTIAL, message, None)


def count_own(program: Program, builders: Sequence[ResourceBuilder]) -> Iterator[Problem]:
    """Yield a problem for each further resource of a type that may exist once (§5.6)."""
    if program is Program.CONSOLE:
        return
    own = [builder for builder in builders if builder.type.name == OWN_RESOURCE[program]]
    for builder in own[1:]:
        message = (
            f"a {program.value} has exactly one {builder.type.name}, and one is at {own[0].source}"
        )
        kind = ProblemKind.OWN_RESOURCE_REPEATED
        yield Problem(kind, message, builder.source, builder.label)


def missing_directives(builders: Iterable[ResourceBuilder]) -> Iterator[Problem]:
    """Yield a problem for each directive without which the program does not start.

    Only a problem, because a copy made for an audit may well have its passwords removed.
    """
    listed = list(builders)
    # Where no resource has any, they were taken out of a copy.
    copied = not any("Password" in builder.written for builder in listed)
    spared = {"Name", "Password"} if copied else {"Name"}
    for builder in listed:
        for name in sorted(builder.type.required - builder.written - spared):
            message = f"{builder.type.name} {builder.name!r} has no {name}, which Bareos requires"
            yield Problem(ProblemKind.DIRECTIVE_MISSING, message, builder.source, builder.label)
