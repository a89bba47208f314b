"""Many files of many clients: ``benchmarks/scale.py [--files N] [--connections N] [--hosts]``.

Makes ``benchmarks/data/scale-…`` where it is not there: connections of 2 000 clients
(``make_accepted.py clients``), cut into so many files without regard to where one ends. With
``--hosts`` each file is the tap of a client of its own, over one day: a recording each. Audits
them in one process, by ``--jobs``, and from the evidence that this kept, and prints time, processor
time, peak memory and size of the report of each, and whether all found the same.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from make_accepted import set_clients, write
from paired import run

_DATA = Path(__file__).parent / "data"
_HEADER, _RECORD = 24, 16
#: Where in a record the source address is, and the destination behind it.
_SOURCE = _RECORD + 14 + 12


def make(folder: Path, files: int, connections: int, *, hosts: bool) -> None:
    """Write the files, each with its share of the packets, and the configuration beside them."""
    folder.parent.mkdir(exist_ok=True)
    if hosts:
        set_clients(files, connections)
    write(folder, "clients", connections)
    whole = folder / "capture.pcap"
    data = whole.read_bytes()
    records, at = list[bytes](), _HEADER
    while at < len(data):
        size = _RECORD + int.from_bytes(data[at + 8 : at + 12], "little")
        records.append(data[at : at + size])
        at += size
    (folder / "taps").mkdir()
    shares = _by_client(records) if hosts else _cut(records, files)
    for number, share in enumerate(shares, 1):
        file = folder / "taps" / f"tap_{number:05}.pcap"
        file.write_bytes(data[:_HEADER] + b"".join(share))
    whole.unlink()


def _cut(records: list[bytes], files: int) -> Iterator[list[bytes]]:
    for number in range(files):
        first, last = (len(records) * n // files for n in (number, number + 1))
        yield records[first:last]


def _by_client(records: list[bytes]) -> Iterable[list[bytes]]:
    found: dict[bytes, list[bytes]] = defaultdict(list)
    for record in records:
        ends = record[_SOURCE : _SOURCE + 4], record[_SOURCE + 4 : _SOURCE + 8]
        found[max(ends)].append(record)  # the Director's address is less than any client's
    return found.values()


def main() -> None:
    """Time the ways to audit them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=100_000)
    parser.add_argument("--hosts", action="store_true", help="a file each host, over one day")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    kind = "hosts" if given.hosts else "scale"
    folder = _DATA / f"{kind}-{given.files}-{given.connections}"
    if not folder.exists():
        make(folder, given.files, given.connections, hosts=given.hosts)
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
            f"{cost.memory:6.0f} MB   {sum(verdicts.values())} rows of flows   report "
            f"{report.stat().st_size >> 20} MiB",
            flush=True,
        )
    size = sum(file.stat().st_size for file in (folder / "taps").iterdir())
    kept = sum(file.stat().st_size for file in work.iterdir())
    print(f"{size >> 20} MiB of captures became {kept >> 20} MiB of evidence")
    print("all found the same" if all(one == found[0] for one in found) else "they differ")


if __name__ == "__main__":
    main()
