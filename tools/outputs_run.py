"""One output: a command line or a call of the Python API is run, and all that it says is told.

Only what stays the same whatever becomes of the package is relied upon: ``auditor.cli.main``, and
what ``auditor.__all__`` lists.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from click.testing import CliRunner

_TABLES = ("captures", "flows", "probes", "expectations", "findings")
PROGRAM = "from auditor.cli.main import main; main()"
#: Variables that change how a report looks, or what the commands' options are.
_SWAYING = re.compile(
    r"BAREOS_AUDIT_(?!CACHE)|NO_COLOR|FORCE_COLOR|CLICOLOR|COLUMNS|PYTHONPATH|LC_|LANG"
)
#: Of an output that is longer only so much is kept, and the digest of all.
_LONGEST = 4 << 20


@dataclass(frozen=True)
class Run:
    """What to run, and the name of the file that says what came of it."""

    name: str
    arguments: tuple[str, ...]
    """Of ``bareos-audit``; or ``api``, the name of a call, the capture, and configurations."""
    columns: int = 100
    environment: tuple[tuple[str, str], ...] = ()
    charset: str = "utf-8"
    apart: bool = False
    """In a process of its own, as a user would."""
    stdin: str = ""
    """The file that such a process has as its standard input."""
    binary: bool = False
    """Standard output is a capture: only its digest is kept."""
    written: str = ""
    """The file that it writes."""


#: A member of an enum of texts is equal to its text, and is compared as that.
_MEMBER = re.compile(r"<\w+\.[A-Z_]+: ('[^']*')>")


def command(name: str, subcommand: str, *arguments: str) -> Run:
    """Return the run of a command that would resolve names, and must not here."""
    return Run(name, (subcommand, *arguments, "--no-resolve"))


def word(path: Path) -> str:
    """Return a whole path as one word, for a name."""
    return str(path).strip("/").replace("/", "_")


def settle(root: str) -> None:
    """Have this process take the package from ``root``, and let nothing outside sway a report."""
    for name in [name for name in os.environ if _SWAYING.match(name)]:
        del os.environ[name]
    os.environ |= {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONPATH": root}
    time.tzset()
    warnings.simplefilter("always")  # and not only where a process meets it first
    sys.path.insert(0, root)
    found = import_module("auditor").__file__
    if found is None or not Path(found).is_relative_to(root):
        raise SystemExit(f"the package comes from {found}, and not from {root}")


def told(run: Run, checkout: str) -> bytes:
    """Run it; return its command, exit code, standard output and error, and what it wrote."""
    if run.arguments[:1] == ("api",):
        said = _attempt(lambda: "\n".join(_api(*run.arguments[1:])))
        parts = {"said": _MEMBER.sub(r"\1", said).encode()}
    else:
        parts = _apart(run) if run.apart else _in_process(run)
    if run.arguments[:1] == ("rules",):
        parts = {name: _without(part, checkout) for name, part in parts.items()}
    if run.written:
        parts["written"] = _written(Path(run.written))
    command = f"$ {' '.join(run.arguments)}\n".encode()
    return command + b"".join(b"--- %s\n%s\n" % (n.encode(), p) for n, p in parts.items())


def frame_lines(name: str, frame: Any) -> Iterator[str]:
    """Yield all that a DataFrame is: shape, index, dtypes, and every value as Python spells it."""
    yield f"== {name}: {frame.shape}, {frame.index!r}, {frame.attrs!r}"
    yield from (f"{column}: {dtype}" for column, dtype in frame.dtypes.items())
    yield from map(repr, frame.itertuples(index=False, name=None))


def _in_process(run: Run) -> dict[str, bytes]:
    environment = {"COLUMNS": str(run.columns), **dict(run.environment)}
    runner = CliRunner(charset=run.charset, env=environment)
    cli = import_module("auditor.cli.main").cli
    result = runner.invoke(cli, list(run.arguments), prog_name="bareos-audit")
    failed = result.exception
    crash = "" if failed is None or isinstance(failed, SystemExit) else f" by {failed!r}"
    return {
        "exit code": f"{result.exit_code}{crash}".encode(),
        "stdout": _shortened(result.stdout_bytes),
        "stderr": _shortened(result.stderr_bytes),
    }


def _apart(run: Run) -> dict[str, bytes]:
    environment = os.environ | {"COLUMNS": str(run.columns), **dict(run.environment)}
    with Path(run.stdin or os.devnull).open("rb") as stdin:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *run.arguments],
            stdin=stdin,
            env=environment,
            capture_output=True,
            check=False,
        )
    return {
        "exit code": str(done.returncode).encode(),
        "stdout": _digest(done.stdout) if run.binary else _shortened(done.stdout),
        "stderr": _shortened(done.stderr),
    }


def _api(call: str, capture: str, *config: str) -> Iterator[str]:
    """Yield what a public call returns."""
    auditor = import_module("auditor")
    if call == "expect":
        yield from frame_lines("expectations", auditor.expect(config, resolve=False))
    elif call == "thin":
        source, _, target = capture.partition("\n")
        yield repr(dataclasses.asdict(auditor.thin(source, target, config=config, resolve=False)))
    else:
        sizes: list[int] = []
        captures = capture.split("\n")
        found = auditor.audit(captures, config=config, resolve=False, progress=sizes.append)
        yield f"{found!r} {sum(sizes)} octets"
        for name in ("verdict", "severity", "blind", "problems"):
            yield f"{name}: {getattr(found, name)!r}"
        yield f"summary: {found.summary()!r}"
        yield f"passed: {list(found.passed.items())!r}"
        yield f"rules: {[(rule.id, rule.severity) for rule in found.rules]!r}"
        for name in _TABLES:
            yield from frame_lines(name, getattr(found, name))
        yield from frame_lines("fails", found.fails)


def _attempt(call: Callable[[], str]) -> str:
    """Return what ``call`` returns, or what it raises."""
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - what it raises is what is compared
        return repr(error)


def _written(path: Path) -> bytes:
    if not path.exists():
        return b"nothing"
    data = path.read_bytes()
    return _digest(data) if path.suffix.startswith(".pcap") else _shortened(data)


def _digest(data: bytes) -> bytes:
    return f"{len(data)} octets, sha256 {hashlib.sha256(data).hexdigest()}".encode()


def _shortened(data: bytes) -> bytes:
    return data if len(data) < _LONGEST else data[: _LONGEST // 4] + b"\n... " + _digest(data)


def _without(part: bytes, checkout: str) -> bytes:
    """Leave out where a shipped rule lies: it is in the checkout, and may move within it."""
    return re.sub(re.escape(checkout).encode() + rb"/(?:[\w.-]+/)*", b"CHECKOUT/", part)
