"""Our command beside other programs, on captures of seven kinds: ``python benchmarks/bench.py``.

Makes the captures in ``benchmarks/data`` where they are not there (6 GB; less by ``--millions``),
runs all programs in turn, ``--rounds`` times, and prints a table in Markdown for each capture:
medians, and the median of the ratios of each round. What is not installed is named. A program that
is slow reads only the first packets of a capture, as the table says, and its ratio is per packet.
``--fetch`` installs those that are Python packages into an environment in ``benchmarks/data``.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from paired import Run, run
from peers import PEERS, Peer, fetch

_HERE = Path(__file__).parent
_DATA = _HERE / "data"
#: Of each kind: what it is, and what of ``--millions`` packets there are.
_KINDS = {
    "headers": ("256 data channels, packets cut at 84 bytes", 1.0),
    "full": ("the same, not cut", 0.128),
    "flows": ("short connections, six packets each", 0.6),
    "vlans": ("256 data channels, each in a VLAN of its own", 1.0),
    "ipv6": ("256 data channels over IPv6", 1.0),
    "zstd": ("the first of these, packed with zstd", 1.0),
    "zstd-full": ("those that are not cut, packed with zstd", 0.128),
}
#: What is packed, by the kind that comes of it.
_PACKED = {"zstd": "headers", "zstd-full": "full"}
#: What our command exits with when it has judged a capture, or found nothing in it to judge.
_VERDICTS = {0, 3, 12, 13, 14}
_PCAP_HEADER, _RECORD_HEADER = 24, 16


def capture(kind: str, millions: float) -> Path:
    """Return the path of a capture, made if need be."""
    share = _KINDS[kind][1] * millions
    path = _DATA / f"bench-{kind}-{share:g}.pcap{'.zst' if kind in _PACKED else ''}"
    if path.exists():
        return path
    _DATA.mkdir(exist_ok=True)
    draft = path.with_name(f".{path.name}")
    if kind in _PACKED:
        plain = capture(_PACKED[kind], millions)
        subprocess.run(["zstd", "-q", "-f", "-o", draft, plain], check=True)
    else:
        make = {
            "headers": ["make_capture.py", draft, f"{share}"],
            "flows": ["make_flood.py", draft, "empty", f"{share / 6 * 1000:.0f}"],
        }.get(kind, ["make_variant.py", draft, kind, f"{share}"])
        subprocess.run([sys.executable, _HERE / str(make[0]), *map(str, make[1:])], check=True)
    draft.rename(path)
    return path


def beginning(path: Path, packets: int) -> Path:
    """Return the path of a capture of the first packets of another."""
    part = path.with_name(f"{path.stem}-first-{packets}.pcap")
    if not part.exists():
        with path.open("rb") as file, part.open("wb") as out:
            out.write(file.read(_PCAP_HEADER))
            for _ in range(packets):
                header = file.read(_RECORD_HEADER)
                out.write(header + file.read(int.from_bytes(header[8:12], "little")))
    return part


def command(peer: Peer, path: Path, kind: str) -> Sequence[str]:
    """Return what is run: where a capture is packed, behind what unpacks it."""
    if kind not in _PACKED:
        return peer.command(str(path), kind)
    pipe = f'zstd -dc "$0" | {" ".join(f"{word!r}" for word in peer.command("-", kind))}'
    return ["sh", "-c", pipe, str(path)]


def compare(kind: str, millions: float, rounds: int, names: Sequence[str]) -> None:
    """Print the table of one capture."""
    path, total = capture(kind, millions), _KINDS[kind][1] * millions * 1e6
    ours = [str(Path(sys.executable).with_name("bareos-audit")), "analyze", str(path)]
    found: list[tuple[str, float, Sequence[str]]] = [("bareos-audit analyze", total, ours)]
    for peer in (peer for peer in PEERS if peer.is_there() and peer.name in names):
        # Only what reads a pipe reads what is packed.
        if kind in _PACKED and peer.name not in {"cat", "tcpdump"}:
            continue
        few = 0 < peer.packets < total
        part = beginning(path, peer.packets) if few else path
        label = "zstd -dc" if kind in _PACKED and peer.name == "cat" else peer.name
        found.append((label, peer.packets if few else total, command(peer, part, kind)))
    found = [one for one in found if _works(*one)]
    runs = [[run(words) for _, _, words in found] for _ in range(rounds)]
    size = path.stat().st_size / 1e9
    print(f"\n### {kind}: {_KINDS[kind][0]}; {total / 1e6:.3g} million packets, {size:.2f} GB\n")
    print("| | packets | wall s | CPU s | memory MB | ours takes |\n|---|---:|---:|---:|---:|---:|")
    for place, (name, packets, _) in enumerate(found):
        _row(name, [one[place] for one in runs], [one[0] for one in runs], packets, total)


def _works(name: str, _: float, words: Sequence[str]) -> bool:
    """Run a command once, which warms up the page cache and compiles kernels; tell whether it
    worked. Raises SystemExit where ours did not."""
    done = subprocess.run(
        words, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    ours = name.startswith("bareos")
    if done.returncode in (_VERDICTS if ours else {0}):
        return True
    told = f"{name} fails: {done.stderr.strip()[-200:]}"
    if ours:
        raise SystemExit(told)
    print(told)
    return False


def _row(name: str, its: list[Run], ours: list[Run], packets: float, total: float) -> None:
    ratios = [a.wall / total / (b.wall / packets) for a, b in zip(ours, its, strict=True)]
    shown = "" if name.startswith("bareos") else _ratio(median(ratios))
    wall, cpu, memory = (median(figure) for figure in zip(*its, strict=True))
    cells = (name, f"{packets:,.0f}", f"{wall:.2f}", f"{cpu:.2f}", f"{memory:.0f}", shown)
    print(f"| {' | '.join(cells)} |", flush=True)


def _ratio(value: float) -> str:
    return f"{value:.2g} ×" if value < 10 else f"{value:.0f} ×"


def main() -> None:
    """Compare what was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(_KINDS)}; or all")
    parser.add_argument("--millions", type=float, default=10, help="packets of the largest")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", default=",".join(peer.name for peer in PEERS), metavar="A,B,…")
    parser.add_argument("--fetch", action="store_true", help="install the Python packages first")
    given = parser.parse_args()
    if unknown := set(given.kinds) - set(_KINDS):
        parser.error(f"there is no kind {', '.join(sorted(unknown))}")
    if given.fetch:
        fetch()
    day, load = datetime.now(UTC).date(), os.getloadavg()[0]
    print(f"{day}, {platform.machine()}, {_processor()}, {os.cpu_count()} cores, load {load:.1f},")
    print(f"Python {platform.python_version()}; medians of {given.rounds} rounds.")
    for peer in PEERS:
        if not peer.is_there():
            print(f"Not here: {peer.name} ({peer.where}).")
    for kind in given.kinds or _KINDS:
        compare(kind, given.millions, given.rounds, given.peers.split(","))


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "?")


if __name__ == "__main__":
    main()
