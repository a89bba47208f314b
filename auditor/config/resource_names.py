"""File and folder names by which Bareos finds a configuration (bareos.md §5.1)."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.config.resources import Program

#: The base name: of the file with ``.conf``, of the folder with ``.d``.
BASE_NAMES: Mapping[Program, str] = {
    Program.DIRECTOR: "bareos-dir",
    Program.STORAGE_DAEMON: "bareos-sd",
    Program.FILE_DAEMON: "bareos-fd",
    Program.CONSOLE: "bconsole",
    Program.TRAY_MONITOR: "tray-monitor",
}
FILES: Mapping[str, Program] = {f"{base}.conf": program for program, base in BASE_NAMES.items()}
#: The names that Bacula gives to files of the same programs.
BACULA_FILES: Mapping[str, Program] = {
    "bacula-dir.conf": Program.DIRECTOR,
    "bacula-sd.conf": Program.STORAGE_DAEMON,
    "bacula-fd.conf": Program.FILE_DAEMON,
    "bacula-tray-monitor.conf": Program.TRAY_MONITOR,
    "bat.conf": Program.CONSOLE,
}
FOLDERS: Mapping[str, Program] = {f"{base}.d": program for program, base in BASE_NAMES.items()}

#: What ``configure add client`` writes for other hosts: copies, not this host's configuration.
EXPORT_FOLDER = "bareos-dir-export"

#: Folders that say nothing about whose tree it is.
CONVENTIONAL = frozenset({"etc", "bareos", "usr", "local", "opt", "private", "programdata"})


def host_labels(folders: set[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    """Return for each configuration folder the name that tells it from the others, or ``""``.

    Folders are the parts of their paths below the path that the user gave.
    """
    common = 0
    while len(folders) > 1 and all(len(parts) > common + 1 for parts in folders):
        if len({parts[len(parts) - 1 - common] for parts in folders}) > 1:
            break
        common += 1
    return {parts: _label(parts[: len(parts) - common]) for parts in folders}


def _label(parts: tuple[str, ...]) -> str:
    return next((part for part in reversed(parts) if part.lower() not in CONVENTIONAL), "")
