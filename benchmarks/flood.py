"""The whole command on floods, beside tcpdump: ``python benchmarks/flood.py [KIND …]``.

Makes ``benchmarks/data/flood-KIND.pcap`` where it is not there: a million connections of each kind
that ``make_flood.py`` knows, ten million of ``random``. Prints time and peak memory of
``bareos-audit analyze FILE --format json`` and of ``tcpdump -r FILE``.
"""

from __future__ import annotations

import sys
from pathlib import Path

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


def main() -> None:
    """Print one line a kind."""
    for kind in sys.argv[1:] or _COUNTS:
        path = _DATA / f"flood-{kind}.pcap"
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            write(path, kind, _COUNTS[kind])
        ours = run([sys.executable, "-m", "auditor", "analyze", str(path), "--format", "json"])
        peer = run(["tcpdump", "-r", str(path), "-w", "/dev/null", "tcp portrange 9101-9103"])
        for name, cost in (("bareos-audit", ours), ("tcpdump", peer)):
            print(f"{kind:10} {name:14} {cost.wall:6.1f} s {cost.memory:6.0f} MB", flush=True)


if __name__ == "__main__":
    main()
