"""What a shell may complete: values that only the program knows (``shell_complete`` of click).

Nothing here raises: a shell that asks while somebody types shows no error.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress

import click
from click.shell_completion import CompletionItem

from auditor.errors import BareosAuditError, RuleError


def rule_ids(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Return the ids of rules, the shipped ones and those below ``--rules``."""
    del param
    from auditor.judge.rules import rule

    try:
        return _beginning(rule.rule_ids(ctx.params.get("more_rules") or ()), incomplete)
    except RuleError:
        return []


def finding_ids(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Return the ids of the findings in the report that stands on the line, each with what it
    says."""
    del param
    from auditor.loading import load, report_path

    with suppress(BareosAuditError):
        # Behind an option that has no value yet, click has not told arguments apart.
        saved = report_path(ctx.params.get("source") or ctx.args)
        rows = load(saved).tables["findings"].rows() if saved is not None else ()
        items = [CompletionItem(row["id"], help=row["message"]) for row in rows]
        return [item for item in items if item.value.startswith(incomplete)]
    return []


def middlebox_names(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Return the names that ``--idle-limit`` knows, each with its limit."""
    del ctx, param
    from auditor.site.middleboxes import middleboxes

    with suppress(RuleError):
        boxes = middleboxes().values()
        items = [CompletionItem(box.name, help=f"{box.limit} s") for box in boxes]
        return [item for item in items if item.value.startswith(incomplete)]
    return []


def interface_names(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Return the names of this host's interfaces, and ``any``."""
    del ctx, param
    names = ["any"]
    with suppress(OSError):
        names += [name for _, name in socket.if_nameindex()]
    return _beginning(names, incomplete)


def ports_by_role(roles: Mapping[str, str], incomplete: str) -> list[CompletionItem[str]]:
    """Return ``NAME=PORT`` for each name of a role, with the port that the role has by default."""
    from auditor.site.connections import default_ports

    try:
        ports = default_ports()
    except RuleError:
        return []
    return _beginning([f"{name}={ports[role]}" for name, role in roles.items()], incomplete)


def _beginning(names: Iterable[str], incomplete: str) -> list[CompletionItem[str]]:
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]
