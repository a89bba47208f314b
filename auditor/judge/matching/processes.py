"""What a program is to others, by the name of its process."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.site.model import Role

#: bareos.md §1.1: only it takes its heartbeat from a bconsole.conf; other consoles have none.
BCONSOLE = "bconsole"

#: Bareos' programs, cut to the fifteen characters that Linux keeps of a name. The tray monitor
#: dials in a thread with a name of its own (bareos.md §11).
_ROLES: Mapping[str, Role] = {
    "bareos-dir": Role.DIRECTOR,
    "bareos-fd": Role.FILE_DAEMON,
    "bareos-sd": Role.STORAGE_DAEMON,
    BCONSOLE: Role.CONSOLE,
    "bareos-tray-mon": Role.TRAY_MONITOR,
    "MonitorItemThre": Role.TRAY_MONITOR,
}


def role_of(process: str) -> Role | None:
    """Return what a process is by its name (comm); None: it is none of Bareos' programs, or its
    name is not known."""
    return _ROLES.get(process[:15])
