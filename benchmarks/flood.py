"""The whole command on floods, beside tcpdump: ``python benchmarks/flood.py [KIND …]``.

Makes ``benchmarks/data/flood-KIND.pcap`` where it is not there: a million connections of each kind
that ``make_flood.py`` knows, ten million of ``random``; and in a folder with their configuration
those of ``make_accepted.py``: 200 000 ``polls``, 100 000 ``clients``, a million ``unlike``. Prints
time and peak memory of ``bareos-audit analyze FILE --format json`` and of ``tcpdump -r FILE``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from make_accepted import write as write_accepted
from make_flood import write
from paired import run

_DATA = Path(__file__).parent / "data"
_MILLION = 1_000_000
_COUNTS = {
    "half-open": _MILLION,
    "answered": _MILLION,
    "refused": _MILLION,
    "empty": _MILLION,
    "hello": _MILLION,
    "mixed": _MILLION,
    "random": 10 * _MILLION,
}
_ACCEPTED = {"polls": _MILLION // 5, "clients": _MILLION // 10, "unlike": _MILLION}


def _input(kind: str) -> list[str]:
    """Return what to analyze, made if it is not there: a capture, and options."""
    _DATA.mkdir(exist_ok=True)
    if kind in _ACCEPTED:
        folder = _DATA / f"accepted-{kind}"
        if not folder.exists():
            write_accepted(folder, kind, _ACCEPTED[kind])
        return [str(folder / "capture.pcap"), "--config", str(folder / "config")]
    path = _DATA / f"flood-{kind}.pcap"
    if not path.exists():
        write(path, kind, _COUNTS[kind])
    return [str(path)]


def main() -> None:
    """Print one line a kind."""
    for kind in sys.argv[1:] or (*_COUNTS, *_ACCEPTED):
        given = _input(kind)
        ours = run([sys.executable, "-m", "auditor", "analyze", *given, "--format", "json"])
        peer = run(["tcpdump", "-r", given[0], "-w", "/dev/null", "tcp portrange 9101-9103"])
        for name, cost in (("bareos-audit", ours), ("tcpdump", peer)):
            print(f"{kind:10} {name:14} {cost.wall:6.1f} s {cost.memory:6.0f} MB", flush=True)


if __name__ == "__main__":
    main()
