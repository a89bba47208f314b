"""The systemd unit that records, with the paths of this installation in it."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from auditor.errors import OutputError

_FILE = "bareos-audit.service"
#: What the unit calls, and where packages of distributions have it.
_PROGRAM = Path("/usr/bin/bareos-audit")
#: What ProtectHome=yes empties (systemd.exec(5)).
_HOMES = (Path("/home"), Path("/root"), Path("/run/user"))


def unit() -> str:
    """Return the unit as text, for ``/etc/systemd/system/bareos-audit.service``. Raises
    OutputError where the installation lost it."""
    return _template().replace(f"ExecStart={_PROGRAM} ", f"ExecStart={_command()} ")


def doubts() -> Iterator[str]:
    """Yield why systemd could not run this installation, a sentence each: the unit has an account
    of its own, which may enter no home."""
    for path in dict.fromkeys((_script() or _python(), _python().resolve())):
        home = next((home for home in _HOMES if path.is_relative_to(home)), None)
        closed = [folder for folder in path.parents if not folder.stat().st_mode & 0o001]
        if home is not None or closed:
            yield (
                f"the service cannot run {path}, because its account may not enter "
                f"{home or closed[-1]}: install bareos-audit below /opt, with a Python that all "
                "may run."
            )


def _template() -> str:
    """Return the unit as it was written: in a wheel ``auditor/_unit``, in a checkout
    ``packaging``."""
    package = Path(__file__).parents[1]
    for folder in (package / "_unit", package.parent / "packaging"):
        if (folder / _FILE).is_file():
            return (folder / _FILE).read_text(encoding="utf-8")
    raise OutputError("the systemd unit is missing: install bareos-audit again.")


def _command() -> str:
    """Return how systemd calls this program: by an absolute path."""
    script = _script()
    if script is None:
        return f"{_escaped(_python())} -m auditor"
    return _escaped(_PROGRAM if _PROGRAM.resolve() == script.resolve() else script)


def _script() -> Path | None:
    """Return the script that was installed with this interpreter, if there is one."""
    script = Path(sysconfig.get_path("scripts"), "bareos-audit")
    return script if script.is_file() else None


def _python() -> Path:
    return Path(sys.executable)


def _escaped(path: Path) -> str:
    """Return a path as the first word of ExecStart, in which a dollar stands for itself
    (systemd.service(5), "COMMAND LINES")."""
    text = str(path).replace("%", "%%")
    if not set(text) & set(" \t\"'\\;"):
        return text
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))
