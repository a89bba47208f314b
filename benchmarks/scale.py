"""Many files of many clients: ``python benchmarks/scale.py [--files N] [--connections N]``.

Makes ``benchmarks/data/scale`` where it is not there: connections of 2 000 clients
(``make_accepted.py clients``), cut into so many files without regard to where one ends. Audits them
in one process, by ``--jobs``, and from the evidence that this kept, and prints time, processor time
and peak memory of each, and whether all found the same.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections import Counter
from pathlib import Path

from make_accepted import write
from paired import run

_DATA = Path(__file__).parent / "data"
_HEADER, _RECORD = 24, 16


def make(folder: Path, files: int, connections: int) -> None:
    """Write the files, each with its share of the packets, and the configuration beside them."""
    folder.parent.mkdir(exist_ok=True)
    write(folder, "clients", connections)
    whole = folder / "capture.pcap"
    data = whole.read_bytes()
    begins = [_HEADER]
    while begins[-1] < len(data):
        size = int.from_bytes(data[begins[-1] + 8 : begins[-1] + 12], "little")
        begins.append(begins[-1] + _RECORD + size)
    (folder / "taps").mkdir()
    packets = len(begins) - 1
    for number in range(files):
        first, last = (begins[packets * n // files] for n in (number, number + 1))
        file = folder / "taps" / f"tap_{number + 1:05}.pcap"
        file.write_bytes(data[:_HEADER] + data[first:last])
    whole.unlink()


def main() -> None:
    """Time the ways to audit them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=100_000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    folder = _DATA / f"scale-{given.files}-{given.connections}"
    if not folder.exists():
        make(folder, given.files, given.connections)
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    many = ["--jobs", str(given.jobs), "--work", str(work)]
    ways = {"one process": [], f"--jobs {given.jobs}": many, "again, from evidence": many}
    found = []
    for name, how in ways.items():
        report = folder / "report.json"
        command = [sys.executable, "-m", "auditor", "analyze", str(folder / "taps"), *how]
        command += ["--config", str(folder / "config"), "--no-resolve", "--exit-zero"]
        cost = run([*command, "-o", str(report), "--force"])
        audit = json.loads(report.read_text(encoding="utf-8"))
        verdicts = Counter(flow["connection"] for flow in audit["flows"])
        found.append((verdicts, sorted({one["id"] for one in audit["findings"]})))
        print(
            f"{name:22} wall {cost.wall:7.1f} s   cpu {cost.cpu:7.1f} s   memory "
            f"{cost.memory:6.0f} MB   {sum(verdicts.values())} rows of flows"
        )
    size = sum(file.stat().st_size for file in (folder / "taps").iterdir())
    kept = sum(file.stat().st_size for file in work.iterdir())
    print(f"{size >> 20} MiB of captures became {kept >> 20} MiB of evidence")
    print("all found the same" if all(one == found[0] for one in found) else "they differ")


if __name__ == "__main__":
    main()
