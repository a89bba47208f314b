"""The programs that captures are read with beside ours, and what each is asked.

Each does a part of an audit: ``cat`` only reads; tcpdump filters Bareos' ports; argus, tcptrace and
nfstream follow flows; tshark looks for keepalives; dpkt and scapy decode every packet.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

_VENV = Path(__file__).parent / "data" / "peers"
_PYTHON = _VENV / "bin" / "python"
_PORTS = "tcp portrange 9101-9103"

_DPKT = """
import sys, dpkt
count = 0
for _, data in dpkt.pcap.Reader(open(sys.argv[1], "rb")):
    packet = dpkt.ethernet.Ethernet(data).data
    count += isinstance(getattr(packet, "data", None), dpkt.tcp.TCP)
"""
_SCAPY = """
import sys
from scapy.all import PcapReader, TCP
with PcapReader(sys.argv[1]) as packets:
    sum(TCP in packet for packet in packets)
"""
_NFSTREAM = """
import sys
from nfstream import NFStreamer
if __name__ == "__main__":
    sum(1 for _ in NFStreamer(source=sys.argv[1]))
"""


class Peer(NamedTuple):
    """One program."""

    name: str
    command: Callable[[str, str], Sequence[str]]
    """From the path of a capture and its kind (``vlans``) to what is run."""
    where: str
    """How to get it."""
    packets: int = 0
    """It is so slow that it reads only so many of the first packets; 0: all."""

    def is_there(self) -> bool:
        """Tell whether it can be run here."""
        if self.where.startswith("pip"):
            code = f"import {self.name}"
            return _PYTHON.exists() and not subprocess.call([_PYTHON, "-c", code])
        return shutil.which(self.name) is not None


def _tcpdump(path: str, kind: str) -> Sequence[str]:
    wanted = f"vlan and {_PORTS}" if kind == "vlans" else _PORTS
    return ["tcpdump", "-r", path, "-w", "/dev/null", wanted]


def _python(code: str) -> Callable[[str, str], Sequence[str]]:
    return lambda path, _: [str(_PYTHON), "-c", code, path]


PEERS = (
    Peer("cat", lambda path, _: ["cat", path], "coreutils"),
    Peer("tcpdump", _tcpdump, "apt install tcpdump"),
    Peer("argus", lambda path, _: ["argus", "-r", path, "-w", "-"], "apt install argus-server"),
    Peer("tcptrace", lambda path, _: ["tcptrace", "-n", path], "apt install tcptrace", 1_000_000),
    Peer("nfstream", _python(_NFSTREAM), "pip, by --fetch", 200_000),
    Peer(
        "tshark",
        lambda path, _: ["tshark", "-r", path, "-Y", "tcp.analysis.keep_alive"],
        "apt install tshark",
        200_000,
    ),
    Peer("dpkt", _python(_DPKT), "pip, by --fetch", 200_000),
    Peer("scapy", _python(_SCAPY), "pip, by --fetch", 20_000),
)


def fetch() -> None:
    """Install those that are Python packages, in an environment of their own."""
    subprocess.run([sys.executable, "-m", "venv", _VENV], check=True)
    subprocess.run([_PYTHON, "-m", "pip", "install", "nfstream", "dpkt", "scapy"], check=True)
