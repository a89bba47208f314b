"""Shows that a change of the code changes no report: all outputs of two checkouts, to the byte.

In each of the two checkouts, with the same data::

    python tools/outputs.py OUTPUT_DIR --data DIR --data DIR ...

writes one file an output: the command, its exit code, standard output and standard error. Then::

    python tools/outputs.py --compare DIR_A DIR_B

The package is that of the current directory, wherever this script lies.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import IO

from outputs_inputs import HOME
from outputs_plan import Group, plan
from outputs_run import PROGRAM, settle, told

_WORKERS = 2


def main() -> int:
    """Write the outputs, or compare two folders of them; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("output", type=Path, nargs="?", metavar="OUTPUT_DIR")
    parser.add_argument("--data", type=Path, action="append", metavar="DIR")
    parser.add_argument("--compare", type=Path, nargs=2, metavar=("DIR_A", "DIR_B"))
    given = parser.parse_args()
    if given.compare:
        return _compare(*given.compare)
    if given.output is None:
        parser.error("name the folder for the outputs, or --compare two of them")
    if given.output.exists() and any(given.output.iterdir()):
        parser.error(f"{given.output} is not empty: remove it first")
    _write(given.output.resolve(), [path.resolve() for path in given.data or [Path("captures")]])
    return 0


def _write(output: Path, roots: Sequence[Path]) -> None:
    checkout = Path.cwd()
    root = _package_root(checkout)
    HOME.mkdir(exist_ok=True)
    with (HOME / "lock").open("w") as lock:
        _wait(lock)
        began = time.monotonic()
        groups = plan(roots, _rule_ids(root))
        work = partial(_group, output, str(checkout))
        context = get_context("spawn")
        with ProcessPoolExecutor(_WORKERS, context, initializer=_begin, initargs=(root,)) as pool:
            count = sum(pool.map(work, groups))
        count += _sockets(output, checkout, root, roots)
    _say(f"{count} outputs in {output}, {time.monotonic() - began:.0f} s")


def _wait(lock: IO[str]) -> None:
    """Have this be the only run: all of them write the same inputs to the same place."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _say("another run is under way: waiting for its end")
        fcntl.flock(lock, fcntl.LOCK_EX)


def _package_root(checkout: Path) -> str:
    for root in (checkout, checkout / "src"):
        if (root / "auditor" / "__init__.py").is_file():
            return str(root)
    raise SystemExit(f"{checkout} is no checkout: it has no package auditor")


def _rule_ids(root: str) -> list[str]:
    """Return the ids of the shipped rules."""
    command = [sys.executable, "-c", PROGRAM, "rules", "-f", "json"]
    environment = os.environ | {"PYTHONPATH": root}
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    return sorted(rule["id"] for rule in json.loads(done.stdout)["rules"])


def _begin(root: str) -> None:
    settle(root)
    _say(f"the package is {sys.modules['auditor'].__file__}")


def _group(output: Path, checkout: str, group: Group) -> int:
    for run in group:
        path = output / run.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(told(run, checkout))
    return len(group)


def _sockets(output: Path, checkout: Path, root: str, roots: Sequence[Path]) -> int:
    if os.geteuid() != 0:
        _say("not root: nothing of the command sockets is compared")
        return 0
    folder = output / "sockets"
    folder.mkdir(parents=True)
    found = (path for data in roots for path in sorted(data.glob("heartbeat/config")))
    script = Path(__file__).with_name("outputs_sockets.py")
    command = [sys.executable, script, checkout, root, folder, *list(found)[:1]]
    subprocess.run(
        ["unshare", "--net", "--pid", "--fork", "--mount-proc", *map(str, command)], check=True
    )
    return len(list(folder.iterdir()))


def _compare(one: Path, other: Path) -> int:
    """Tell which outputs differ or are missing; return 1 if any, or if there are none at all."""
    names = sorted(
        {str(p.relative_to(top)) for top in (one, other) for p in top.rglob("*") if p.is_file()}
    )
    differ = 0
    for name in names:
        missing = [top for top in (one, other) if not (top / name).is_file()]
        if missing:
            sys.stdout.write(f"missing in {missing[0]}: {name}\n")
        elif (one / name).read_bytes() != (other / name).read_bytes():
            sys.stdout.write(f"differs: {name}\n")
        else:
            continue
        differ += 1
    sys.stdout.write(f"{len(names)} outputs compared, {differ} differ\n")
    return 1 if differ or not names else 0


def _say(text: str) -> None:
    sys.stderr.write(f"outputs: {text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
