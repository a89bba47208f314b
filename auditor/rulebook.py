"""Finds the data that ships beside the code: ``rules/`` in a checkout, ``auditor/_rules`` in a
wheel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from auditor.errors import RuleError
from auditor.textfile import read_text

#: Rules and site files are written by hand.
_MAX_YAML_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Connection:
    """One of the thirteen connection numbers (``rules/connections.yaml``, bareos.md §0)."""

    connection: str
    """``1`` … ``4``, ``5a``, ``5b``, ``6`` … ``12``."""
    title: str
    initiator: str
    """Role: director, file daemon, storage daemon, console or tray monitor."""
    acceptor: str
    """Role: director, file daemon, storage daemon or catalog."""
    port: int
    """Default TCP port of the acceptor."""
    identity: str
    """Type that the initiator's hello names, such as ``R_JOB``; empty for PostgreSQL."""
    heartbeat: str
    """Whose HeartbeatInterval holds, in words."""


def rules_directory() -> Path:
    """Return the directory of the shipped rules; raise RuleError where the installation lost it."""
    package = Path(__file__).parent
    for candidate in (package / "_rules", package.parent / "rules"):
        if (candidate / "connections.yaml").is_file():
            return candidate
    raise RuleError("the rules are missing; install bareos-audit again", str(package / "_rules"))


def load_yaml(path: Path) -> Any:
    """Return the parsed YAML file (libyaml where present: it starts faster), or raise RuleError
    with file and line."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(read_text(path, _MAX_YAML_BYTES), Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "not valid YAML"
        raise RuleError(str(reason), str(path), mark.line + 1 if mark else 0) from None
    except OSError as error:
        raise RuleError(f"cannot be read: {error.strerror}", str(path)) from None
    except (ValueError, RecursionError):
        raise RuleError("cannot be read as YAML in UTF-8", str(path)) from None


@cache
def connections() -> dict[str, Connection]:
    """Return the thirteen connections by number, in the manual's order."""
    rows = load_yaml(rules_directory() / "connections.yaml")
    return {row["connection"]: Connection(**row) for row in rows}


@cache
def default_ports() -> dict[str, int]:
    """Return the default listening port of each acceptor role."""
    return {row.acceptor: row.port for row in connections().values()}
