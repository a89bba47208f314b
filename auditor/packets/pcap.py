"""The classic pcap format (draft-ietf-opsawg-pcap): a header of 24 bytes, then records."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.kernels import entry
from auditor.packets.capture_format import CaptureFormat
from auditor.packets.counters import COMPLETE, PACKETS, note_time
from auditor.packets.decoding import Decoding
from auditor.packets.frame import decode
from auditor.packets.integers import u32
from auditor.packets.link_types import LINK_TYPES, link_name
from auditor.packets.pcapng_options import Order
from auditor.packets.scanner import BROKEN, FULL, MAX_CAPTURED
from auditor.packets.segments import Array, CapturedOn

HEADER_SIZE = 24

#: Big-endian magic -> (ns per fraction of a second, bytes of a record header).
_MAGICS = {
    bytes.fromhex("a1b2c3d4"): (1000, 16),
    bytes.fromhex("a1b23c4d"): (1, 16),
    bytes.fromhex("a1b2cd34"): (1000, 24),  # a patched libpcap of 1999 that added the interface
}
#: What AIX writes: nanoseconds under the magic number of microseconds, and for link types the
#: numbers of interfaces (IFT_) in SNMP: of Ethernet and Token Ring.
_AIX = 2, 2
_AIX_LINKS = {6: 1, 9: 6}


@entry
def scan_pcap(
    buffer: Array,
    at: int,
    stop: int,
    big: int,
    unit: int,
    header: int,
    link: int,
    ports: Array,
    out: Array,
    n: int,
    counters: Array,
    fragments: Array,
) -> tuple[int, int, int]:
    """Decode records of ``header`` bytes before each packet, as ``Scanner.scan`` says.

    ``big`` is the byte order (0: little-endian), ``unit`` the ns of the second half of a time.
    """
    io = Decoding(buffer, ports, out, counters, fragments)
    status = FULL
    while n < len(out) and counters[COMPLETE] == 0:
        status = header
        if stop - at < header:
            break
        captured = u32(buffer, at + 8, big)
        status = BROKEN if captured > MAX_CAPTURED else header + captured
        if status == BROKEN or stop - at < status:
            break
        time = u32(buffer, at, big) * 1_000_000_000 + u32(buffer, at + 4, big) * unit
        wire = max(captured, u32(buffer, at + 12, big))
        counters[PACKETS] += 1
        note_time(counters, time, n)
        end = at + status
        n = decode(at + header, end, wire, link, 0, time, n, io)
        at = end
        status = FULL
    return at, n, status


@dataclass(frozen=True, slots=True)
class PcapScanner:
    """One pcap file's byte order, time unit, link type and how much of a packet it keeps."""

    big: int
    unit: int
    header: int
    link: int
    snaplen: int = 0

    format = CaptureFormat.PCAP
    backend = "file"
    dropped = None
    started = True
    recorder_notes = None
    lacks = ()

    @classmethod
    def open(cls, head: bytes) -> PcapScanner | None:
        """Return the scanner for a file that begins with ``head`` (24 bytes), or None."""
        orders: tuple[Order, Order] = ("big", "little")
        for order in orders:
            magic = head[:4] if order == "big" else head[3::-1]
            if magic in _MAGICS:
                unit, header = _MAGICS[magic]
                # The upper half says how long a frame check sequence is; lengths come from IP.
                link = int.from_bytes(head[20:24], order) & 0xFFFF
                version = int.from_bytes(head[4:6], order), int.from_bytes(head[6:8], order)
                if version == _AIX and link in _AIX_LINKS:
                    unit, link = 1, _AIX_LINKS[link]
                snaplen = int.from_bytes(head[16:20], order)
                return cls(int(order == "big"), unit, header, link, snaplen)
        return None

    def scan(
        self,
        buffer: Array,
        at: int,
        stop: int,
        ports: Array,
        out: Array,
        n: int,
        counters: Array,
        fragments: Array,
    ) -> tuple[int, int, int]:
        """Decode as ``Scanner`` says."""
        return scan_pcap(
            buffer,
            at,
            stop,
            self.big,
            self.unit,
            self.header,
            self.link,
            ports,
            out,
            n,
            counters,
            fragments,
        )

    @property
    def links(self) -> tuple[str, ...]:
        """The names of the link types."""
        return (link_name(self.link),)

    @property
    def interfaces(self) -> tuple[CapturedOn, ...]:
        """The one nameless interface."""
        return (CapturedOn("", self.link, self.snaplen),)

    @property
    def exceeded(self) -> str:
        """Nothing: no record of the format takes room."""
        return ""

    def notes(self) -> tuple[str, ...]:
        """What a reader must know of the packets."""
        if self.link in LINK_TYPES:
            return ()
        return (f"Packets of link type {self.link} cannot be decoded.",)
