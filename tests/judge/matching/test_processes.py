"""What a process is by its name."""

from __future__ import annotations

import pytest

from auditor.judge.matching.processes import role_of
from auditor.site.model import Role


@pytest.mark.parametrize(
    ("process", "role"),
    [
        ("bareos-dir", Role.DIRECTOR),
        ("bareos-fd", Role.FILE_DAEMON),
        ("bareos-sd", Role.STORAGE_DAEMON),
        ("bconsole", Role.CONSOLE),
        ("bareos-tray-mon", Role.TRAY_MONITOR),
        ("bareos-tray-monitor", Role.TRAY_MONITOR),  # where nobody cuts it to fifteen characters
        ("MonitorItemThre", Role.TRAY_MONITOR),  # bareos.md §11
        ("bareos", None),
        ("bareos-fd2", None),
        ("python3", None),
        ("", None),
    ],
)
def test_only_bareos_own_programs_are_known(process: str, role: Role | None) -> None:
    assert role_of(process) is role
