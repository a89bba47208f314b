"""What can only be judged when all of a program's resources are known (bareos.md §5.4, §5.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from auditor.config.resource_builder import Reference, ResourceBuilder
from auditor.config.resources import Problem, Program
from auditor.config.schema import OWN_RESOURCE
from auditor.errors import ConfigurationError


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


def dangling(builders: Sequence[ResourceBuilder]) -> Iterator[Reference]:
    """Yield the references to resources that are not there."""
    known = {(builder.type.name, builder.name) for builder in builders}
    for builder in builders:
        for reference in builder.references:
            if (reference.type, reference.name) not in known:
                yield reference


def count_own(program: Program, builders: Sequence[ResourceBuilder]) -> Iterator[Problem]:
    """Yield a problem for each further resource of a type that may exist once (§5.6)."""
    if program is Program.CONSOLE:
        return
    own = [builder for builder in builders if builder.type.name == OWN_RESOURCE[program]]
    for builder in own[1:]:
        message = (
            f"a {program.value} has exactly one {builder.type.name}, and one is at {own[0].source}"
        )
        yield Problem(message, builder.source, "error")


def missing_directives(builders: Iterable[ResourceBuilder]) -> Iterator[Problem]:
    """Yield a problem for each directive without which the program does not start.

    Only a problem, because a copy made for an audit may well have its passwords removed.
    """
    for builder in builders:
        required = {d.name for d in builder.type.directives.values() if d.required}
        for name in sorted(required - builder.written - {"Name"}):
            message = f"{builder.type.name} {builder.name!r} has no {name}, which Bareos requires"
            yield Problem(message, builder.source, "error")


def idle_heartbeats(program: Program, builders: Iterable[ResourceBuilder]) -> Iterator[Problem]:
    """Yield a problem for each heartbeat that the Director sets where it cannot act (§8.5)."""
    for builder in builders:
        setting = builder.settings.get("HeartbeatInterval")
        if program is not Program.DIRECTOR or builder.type.name != "Client" or not setting:
            continue
        resource = builder.finished()
        dialled = resource.flag("ConnectionFromDirectorToClient", True)
        if resource.flag("ConnectionFromClientToDirector", False) and not dialled:
            message = (
                f"HeartbeatInterval has no effect here: {builder.name!r} opens its connection (4) "
                "itself, with the HeartbeatInterval of the Client resource in its own configuration"
            )
            yield Problem(message, setting.source)
