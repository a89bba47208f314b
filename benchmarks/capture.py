"""What capturing costs: bulk data over a veth pair, alone, with tcpdump, and with bareos-audit.

As root: ``python benchmarks/capture.py [--seconds 10] [--rounds 3]``. Two network namespaces are
made for it and removed; nothing leaves the machine. The legs of a round follow one another, and
the rounds repeat, so that whatever else the machine does meets all of them.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import IO

PORT = 9103
NEAR, FAR = "bareos-audit-near", "bareos-audit-far"
ADDRESS = "10.88.0.2"
_TICKS = os.sysconf("SC_CLK_TCK")

_RECEIVER = f"""
import socket, sys, time
listener = socket.create_server(("{ADDRESS}", {PORT}))
print("ready", flush=True)
peer = listener.accept()[0]
view, total, begun = memoryview(bytearray(1 << 20)), 0, time.monotonic()
while size := peer.recv_into(view):
    total += size
print(total / (time.monotonic() - begun), flush=True)
"""
_SENDER = f"""
import socket, sys, time
peer = socket.create_connection(("{ADDRESS}", {PORT}))
data, until = bytes(1 << 18), time.monotonic() + float(sys.argv[1])
while time.monotonic() < until:
    peer.sendall(data)
"""


@dataclass(frozen=True, slots=True)
class Leg:
    """What one transfer came to."""

    rate: float
    """Bytes a second."""
    process: float
    """CPU seconds of the capturing process and its children."""
    kernel: float
    """Seconds in the kernel over all CPUs: system, interrupts and soft interrupts."""
    written: int
    """Bytes of the recording."""
    lost: int
    """Packets that the capture says it lost."""


def inside(namespace: str, *command: str) -> list[str]:
    """Return a command that runs in a network namespace."""
    return ["ip", "netns", "exec", namespace, *command]


@contextlib.contextmanager
def network(*, offload: bool) -> Iterator[None]:
    """Have two namespaces, joined by a veth pair; without offload every segment fits the MTU."""
    try:
        for name in (NEAR, FAR):
            run("ip", "netns", "add", name)
        run(
            "ip",
            "link",
            "add",
            "bulk0",
            "netns",
            NEAR,
            "type",
            "veth",
            "peer",
            "bulk0",
            "netns",
            FAR,
        )
        for number, name in enumerate((NEAR, FAR), 1):
            run("ip", "-n", name, "addr", "add", f"10.88.0.{number}/24", "dev", "bulk0")
            most = [] if offload else ["gso_max_segs", "1"]
            run("ip", "-n", name, "link", "set", "bulk0", "up", *most)
        yield
    finally:
        for name in (NEAR, FAR):
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


def run(*command: str) -> None:
    """Run a command that must work."""
    subprocess.run(command, check=True)


def kernel_seconds() -> float:
    """Return the time that all CPUs have spent in the kernel (proc_stat(5))."""
    fields = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()
    return sum(int(fields[at]) for at in (3, 6, 7)) / _TICKS


def process_seconds(pid: int) -> float:
    """Return the CPU time of a process with its children that ended, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / _TICKS


def transfer(seconds: float) -> float:
    """Move data for a time; return bytes a second."""
    receiver = subprocess.Popen(
        inside(FAR, sys.executable, "-c", _RECEIVER), stdout=subprocess.PIPE, text=True
    )
    assert receiver.stdout is not None
    receiver.stdout.readline()
    run(*inside(NEAR, sys.executable, "-c", _SENDER, str(seconds)))
    rate = float(receiver.stdout.readline())
    receiver.communicate()
    return rate


def measured(seconds: float, command: list[str], file: Path, ready: str) -> tuple[Leg, str, str]:
    """Transfer while a command captures; return the leg, and what the command said."""
    with tempfile.TemporaryFile("w+") as output:
        capture = subprocess.Popen(command, stdout=output, stderr=subprocess.PIPE, text=True)
        assert capture.stderr is not None
        said = wait_for(capture.stderr, ready)
        process, kernel = process_seconds(capture.pid), kernel_seconds()
        rate = transfer(seconds)
        time.sleep(1.5)  # what lags behind is part of the price
        process, kernel = process_seconds(capture.pid) - process, kernel_seconds() - kernel
        capture.send_signal(signal.SIGINT)
        said += capture.stderr.read()
        capture.wait()
        output.seek(0)
        return Leg(rate, process, kernel, file.stat().st_size, 0), output.read(), said


def wait_for(stream: IO[str], words: str) -> str:
    """Read until a line has the words; return what was read."""
    said = ""
    for line in stream:
        said += line
        if words in line:
            return said
    raise SystemExit(f"it never said {words!r}: {said}")


def alone(seconds: float) -> Leg:
    """Transfer with no capture."""
    kernel = kernel_seconds()
    rate = transfer(seconds)
    time.sleep(1.5)
    return Leg(rate, 0.0, kernel_seconds() - kernel, 0, 0)


def with_tcpdump(seconds: float, folder: Path) -> Leg:
    """Transfer while tcpdump writes headers."""
    file = folder / "tcpdump.pcap"
    options = ("-i", "bulk0", "-s", "128", "-w", str(file), f"tcp port {PORT}")
    command = inside(NEAR, "tcpdump", *options)
    leg, _, said = measured(seconds, command, file, "listening on")
    lost = re.search(r"(\d+) packets dropped by kernel", said)
    return Leg(leg.rate, leg.process, leg.kernel, leg.written, int(lost[1]) if lost else -1)


def with_ours(seconds: float, folder: Path, backend: str) -> Leg:
    """Transfer while bareos-audit captures and watches."""
    file = folder / "ours.pcapng"
    options = ("-w", str(file), "--force", "--backend", backend, "--format", "json")
    command = inside(NEAR, sys.executable, "-m", "auditor", "capture", "bulk0", *options)
    leg, output, _ = measured(seconds, command, file, "Capturing on")
    (capture,) = json.loads(output)["captures"]
    return Leg(leg.rate, leg.process, leg.kernel, leg.written, capture["dropped"])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--backend", default="ebpf")
    parser.add_argument("--no-offload", action="store_true", help="as on a wire: MTU-sized")
    arguments = parser.parse_args()
    legs: dict[str, list[Leg]] = {"alone": [], "tcpdump": [], "ours": []}
    with network(offload=not arguments.no_offload), tempfile.TemporaryDirectory() as folder:
        transfer(1.0)  # caches and clocks warm up
        for _ in range(arguments.rounds):
            legs["alone"].append(alone(arguments.seconds))
            legs["tcpdump"].append(with_tcpdump(arguments.seconds, Path(folder)))
            ours = with_ours(arguments.seconds, Path(folder), arguments.backend)
            legs["ours"].append(ours)
    tell(legs)


def tell(legs: dict[str, list[Leg]]) -> None:
    """Print medians; ratios are made round by round, since a machine's speed drifts."""
    print(f"{'':8} {'Gbit/s':>8} {'process s':>10} {'kernel s':>9} {'written':>12} {'lost':>6}")
    for name, some in legs.items():
        fields = ("rate", "process", "kernel", "written", "lost")
        rate, process, kernel, written, lost = (
            median(getattr(leg, field) for leg in some) for field in fields
        )
        print(
            f"{name:8} {rate * 8 / 1e9:8.2f} {process:10.2f} {kernel:9.2f} {written:12,.0f} "
            f"{lost:6.0f}"
        )
    rounds = list(zip(legs["alone"], legs["tcpdump"], legs["ours"], strict=True))
    for name, place in (("tcpdump", 1), ("ours", 2)):
        share = median(legs_[place].rate / legs_[0].rate for legs_ in rounds)
        cost = median(per_byte(legs_[place]) / per_byte(legs_[0]) for legs_ in rounds)
        print(f"{name:8} {share:.1%} of the throughput alone, {cost:.2f} x the kernel time a byte")
    process = median(a.process / a.rate / (b.process or 0.01) * b.rate for _, a, b in rounds)
    written = median(theirs.written / ours.written for _, theirs, ours in rounds)
    print(f"tcpdump / ours: {process:.1f} x the CPU of the process, {written:,.0f} x the bytes")


def per_byte(leg: Leg) -> float:
    """Return the time in the kernel for each byte that was moved in a second."""
    return leg.kernel / leg.rate


if __name__ == "__main__":
    main()
