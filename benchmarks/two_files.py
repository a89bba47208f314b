"""What two large captures cost that were made of two networks at the same time: in one run, by two
processes (``--jobs 2``), and one after the other:
``python benchmarks/two_files.py [MILLIONS [ROUNDS]]``.

One capture keeps two cores busy already, so two cannot take half the time of one after the other.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median

from bench import capture
from paired import run

_HERE = Path(__file__).parent
_OURS = str(Path(sys.executable).with_name("bareos-audit"))


def main() -> None:
    """Print medians, in seconds, and how each compares with one file after the other."""
    millions, rounds = float((sys.argv[1:] or ["10"])[0]), int((sys.argv[2:] or ["5"])[0])
    one, other = capture("headers", millions), _HERE / "data" / f"bench-elsewhere-{millions:g}.pcap"
    if not other.exists():
        make = [sys.executable, str(_HERE / "make_variant.py"), str(other), "elsewhere"]
        subprocess.run([*make, f"{millions}"], check=True)
    ours = [_OURS, "analyze"]
    ways = {
        "one after the other": ["sh", "-c", '"$0" analyze "$1"; "$0" analyze "$2"', _OURS],
        "one run": ours,
        "--jobs 2": [*ours, "--jobs", "2"],
    }
    found = {
        name: [run([*command, str(one), str(other)]) for _ in range(rounds + 1)][1:]
        for name, command in ways.items()
    }
    usual = median(each.wall for each in found["one after the other"])
    for name, runs in found.items():
        wall, cpu, memory = (median(figure) for figure in zip(*runs, strict=True))
        ratio = f"{wall / usual:.2f} x"
        print(
            f"{name:20} wall {wall:6.2f} s  {ratio:>7}  cpu {cpu:6.2f} s  memory {memory:5.0f} MB"
        )


if __name__ == "__main__":
    main()
