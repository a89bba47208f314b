"""What can only be judged when all of a program's resources are known (bareos.md §5.4, §5.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from auditor.config.resource_builder import Draft, Reference
from auditor.config.resources import Problem, Program
from auditor.config.schema import OWN_RESOURCE
from auditor.errors import ConfigurationError


def refuse_duplicates(drafts: Iterable[Draft]) -> None:
    """Raise ConfigurationError at the second of two resources with one type and name."""
    first: dict[tuple[str, str], Draft] = {}
    for draft in drafts:
        earlier = first.setdefault((draft.type.name, draft.name), draft)
        if earlier is not draft:
            raise ConfigurationError(
                f"a second {draft.type.name} named {draft.name!r}; the first is at "
                f"{earlier.source}",
                *draft.source,
            )


def is_whole(program: Program, drafts: Iterable[Draft]) -> bool:
    """Tell whether the resource is there without which the program does not start."""
    return any(draft.type.name == OWN_RESOURCE[program] for draft in drafts)


def dangling(drafts: Sequence[Draft]) -> Iterator[Reference]:
    """Yield the references to resources that are not there."""
    known = {(draft.type.name, draft.name) for draft in drafts}
    for draft in drafts:
        for reference in draft.references:
            if (reference.type, reference.name) not in known:
                yield reference


def count_own(program: Program, drafts: Sequence[Draft]) -> Iterator[Problem]:
    """Yield a problem for each further resource of a type that may exist once (§5.6)."""
    if program is Program.CONSOLE:
        return
    own = [draft for draft in drafts if draft.type.name == OWN_RESOURCE[program]]
    for draft in own[1:]:
        message = (
            f"a {program.value} has exactly one {draft.type.name}, and one is at {own[0].source}"
        )
        yield Problem(message, draft.source, "error")


def missing_directives(drafts: Iterable[Draft]) -> Iterator[Problem]:
    """Yield a problem for each directive without which the program does not start.

    Only a problem, because a copy made for an audit may well have its passwords removed.
    """
    for draft in drafts:
        required = {d.name for d in draft.type.directives.values() if d.required}
        for name in sorted(required - draft.written - {"Name"}):
            message = f"{draft.type.name} {draft.name!r} has no {name}, which Bareos requires"
            yield Problem(message, draft.source, "error")


def idle_heartbeats(program: Program, drafts: Iterable[Draft]) -> Iterator[Problem]:
    """Yield a problem for each heartbeat that the Director sets where it cannot act (§8.5)."""
    for draft in drafts:
        setting = draft.settings.get("HeartbeatInterval")
        if program is not Program.DIRECTOR or draft.type.name != "Client" or not setting:
            continue
        resource = draft.finished()
        dialled = resource.flag("ConnectionFromDirectorToClient", True)
        if resource.flag("ConnectionFromClientToDirector", False) and not dialled:
            message = (
                f"HeartbeatInterval has no effect here: {draft.name!r} opens its connection (4) "
                "itself, with the HeartbeatInterval of the Client resource in its own configuration"
            )
            yield Problem(message, setting.source)
