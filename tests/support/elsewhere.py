"""The trouble cases of ``captures/cases`` happening elsewhere: other names, networks and ports.

A fault is a kind: what the auditor says about a case it must say about the same trouble on any
other site. ``Elsewhere`` rewrites configuration and capture of a case in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from ipaddress import IPv4Address, ip_address
from pathlib import Path

from paths import CAPTURES
from scapy.layers.inet import ICMP, IP, TCP
from scapy.layers.inet6 import ICMPv6DestUnreach, IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw
from scapy.utils import PcapWriter, rdpcap

CASES = CAPTURES / "cases"
_packets = cache(lambda path: rdpcap(str(path)))

#: Names of the cases, and others of the same length: they stand in payloads whose lengths count.
OTHER_NAMES = {
    "vault-sd": "attic-st",
    "web-fd": "pay-05",
    "mail-fd": "desk-fd",
    "alpha-fd": "hosta-fd",
    "beta-fd": "erpx-fd",
    "gamma-fd": "lagerfd1",
    "dir1": "boss",
    "bareos-mon": "watchtower",
    "bareos-storage": "archivemachine",
    "admin": "chefs",
    "Vault": "Attic",
}
#: The listening port of each daemon and another one.
OTHER_PORTS = {9101: 19101, 9102: 29102, 9103: 39103}

#: Which resource of a program's files has which port; the program is told by words of the path.
_PORT_HOLDERS = {
    "reos-dir": {"Director": 9101, "Client": 9102, "Storage": 9103},
    "clients.d": {"Client": 9102},
    "reos-fd": {"Client": 9102},
    "reos-sd": {"Storage": 9103},
    "acula-dir": {"Director": 9101, "Client": 9102, "Storage": 9103},
    "acula-fd": {"FileDaemon": 9102},
    "acula-sd": {"Storage": 9103},
    "bconsole": {"Director": 9101},
}
_RESOURCE = re.compile(
    r"^(Director|Client|FileDaemon|Storage) *\{\n(.*?)^\}", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Elsewhere:
    """One way to move a case; with nothing given the case stays as it is."""

    names: Mapping[str, str] = field(default_factory=dict)
    network: str = ""
    """What stands instead of ``10.1.0.``: ``172.16.9.`` or ``fd00:9::``."""
    ports: Mapping[int, int] = field(default_factory=dict)

    def text(self, text: str) -> str:
        """Return a text with the other names and addresses."""
        if self.names:
            words = "|".join(sorted(map(re.escape, self.names), key=len, reverse=True))
            text = re.sub(rf"(?<![\w-])({words})(?![\w])", lambda m: self.names[m[1]], text)
        if self.network:
            text = re.sub(r"\b10\.[01]\.0\.(\d+)\b", rf"{self.network}\1", text)
            if ":" in self.network:
                text = text.replace("127.0.0.1", "::1")
        return text

    def case(self, name: str, folder: Path) -> tuple[Path, Path]:
        """Write the case into a folder; return its capture and its configuration."""
        source = CASES / name
        for path in sorted((source / "config").rglob("*")):
            if path.is_file():
                target = folder / self.text(str(path.relative_to(source)))
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(self._with_ports(self.text(path.read_text()), path))
        capture = folder / "capture.pcap"
        with PcapWriter(str(capture), linktype=1, nano=True, sync=False) as writer:
            for packet in _packets(source / "capture.pcap"):
                moved = self._packet(packet)
                moved.time = packet.time
                writer.write(moved)
        return capture, folder / "config"

    def _with_ports(self, text: str, path: Path) -> str:
        program = next((name for name in _PORT_HOLDERS if name in str(path)), "")
        if not self.ports or not program:
            return text

        def one(match: re.Match[str]) -> str:
            port = _PORT_HOLDERS[program].get(match[1])
            body = re.sub(
                r"(?i)(port *= *)(\d+)",
                lambda m: f"{m[1]}{self.ports.get(int(m[2]), int(m[2]))}",
                match[2],
            )
            if port is not None and not re.search(r"(?i)port *=|addresses *=", body):
                body += f"  Port = {self.ports[port]}\n"
            return f"{match[1]} {{\n{body}}}"

        return _RESOURCE.sub(one, text)

    def _payload(self, payload: bytes) -> bytes:
        for name, other in self.names.items():
            payload = re.sub(
                rb"(?<![\w-])" + re.escape(name.encode()) + rb"(?![\w])", other.encode(), payload
            )
        return payload

    def _packet(self, packet: Packet) -> Packet:
        ip = packet[IP] if IP in packet else packet[IPv6]
        if ICMP in packet:
            return Ether(src=packet.src, dst=packet.dst) / self._icmp(packet)
        return Ether(src=packet.src, dst=packet.dst) / self._network(ip) / self._tcp(packet[TCP])

    def _network(self, ip: Packet) -> Packet:
        source, target = self.address(ip.src), self.address(ip.dst)
        if ip_address(source).version == 6:
            return IPv6(src=source, dst=target, hlim=getattr(ip, "ttl", 64))
        return IP(src=source, dst=target, ttl=getattr(ip, "ttl", 64))

    def _tcp(self, tcp: Packet) -> Packet:
        moved = TCP(
            sport=self.ports.get(tcp.sport, tcp.sport),
            dport=self.ports.get(tcp.dport, tcp.dport),
            seq=tcp.seq, ack=tcp.ack, flags=tcp.flags, window=tcp.window, options=tcp.options,
        )  # fmt: skip
        payload = bytes(tcp.payload)
        return moved / Raw(self._payload(payload)) if payload else moved

    def _icmp(self, packet: Packet) -> Packet:
        """The message with its quotation of 8 bytes of TCP; prohibited is 1/1 in ICMPv6."""
        quoted = IP(bytes(packet[ICMP].payload))
        inner = bytes(quoted.payload)[:8]
        sport, dport = (int.from_bytes(inner[i : i + 2]) for i in (0, 2))
        ports = b"".join(self.ports.get(p, p).to_bytes(2) for p in (sport, dport))
        outer, old = self._network(packet[IP]), self._network(quoted)
        if isinstance(outer, IPv6):
            old.nh, old.plen = 6, 20
            return outer / ICMPv6DestUnreach(code=1) / Raw(bytes(old)[:40] + ports + inner[4:])
        old.proto, old.len = 6, 40
        header = ICMP(type=packet[ICMP].type, code=packet[ICMP].code)
        return outer / header / Raw(bytes(old)[:20] + ports + inner[4:])

    def address(self, address: str) -> str:
        """Return where a host of the cases is now."""
        one = ip_address(address)
        if self.network and isinstance(one, IPv4Address):
            if one.is_loopback:
                return "::1" if ":" in self.network else address
            return self.network + address.rpartition(".")[2]
        return address
