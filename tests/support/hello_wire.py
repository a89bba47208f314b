"""Bytes of TLS, Bareos and PostgreSQL openings, built by hand or read from recordings."""

from __future__ import annotations

import csv
import functools
import warnings
from dataclasses import dataclass

from paths import CAPTURES, TESTS

DATA = TESTS / "flows" / "hello" / "data"

RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
CHANGE_CIPHER_SPEC = bytes.fromhex("140303000101")
#: Suites that the ClientHellos here offer: of TLS 1.3, PSK, RSA_PSK and RSA.
SUITES = bytes.fromhex("13011302130300a900ad009d")
CLIENT = b"R_CLIENT\x1efd3"


def vector(size: int, data: bytes) -> bytes:
    """Return data behind its length of ``size`` bytes."""
    return len(data).to_bytes(size, "big") + data


def record(payload: bytes, kind: int = 22, version: int = 0x0301) -> bytes:
    """Return a TLS record (RFC 8446 §5.1); 22 is a handshake."""
    return bytes([kind]) + version.to_bytes(2, "big") + vector(2, payload)


def handshake(kind: int, body: bytes) -> bytes:
    """Return a handshake message (RFC 8446 §4)."""
    return bytes([kind]) + vector(3, body)


def extension(number: int, data: bytes) -> bytes:
    """Return an extension (RFC 8446 §4.2)."""
    return number.to_bytes(2, "big") + vector(2, data)


def versions(*offered: int) -> bytes:
    """Return supported_versions as a client sends it."""
    return extension(43, vector(1, b"".join(v.to_bytes(2, "big") for v in offered)))


def keys(*identities: bytes) -> bytes:
    """Return pre_shared_key as a client sends it, with binders of zeros."""
    offered = b"".join(vector(2, identity) + bytes(4) for identity in identities)
    binders = b"".join(vector(1, bytes(32)) for _ in identities)
    return extension(41, vector(2, offered) + vector(2, binders))


def client_hello(*extensions: bytes, legacy: int = 0x0303) -> bytes:
    """Return a ClientHello that offers SUITES."""
    body = legacy.to_bytes(2, "big") + bytes(32) + vector(1, bytes(32))
    body += vector(2, SUITES) + vector(1, b"\x00")
    return handshake(1, body + (vector(2, b"".join(extensions)) if extensions else b""))


def server_hello(
    *extensions: bytes, suite: int = 0x1303, legacy: int = 0x0303, random: bytes = bytes(32)
) -> bytes:
    """Return a ServerHello."""
    body = legacy.to_bytes(2, "big") + random + vector(1, bytes(32))
    body += suite.to_bytes(2, "big") + b"\x00"
    return handshake(2, body + (vector(2, b"".join(extensions)) if extensions else b""))


def chosen(version: int) -> bytes:
    """Return supported_versions as a server sends it."""
    return extension(43, version.to_bytes(2, "big"))


def selected(index: int) -> bytes:
    """Return pre_shared_key as a server sends it: the index of an identity."""
    return extension(41, index.to_bytes(2, "big"))


def sealed(*sizes: int) -> bytes:
    """Return records of application data."""
    return b"".join(record(bytes(size), kind=23, version=0x0303) for size in sizes)


#: What follows the hellos of TLS 1.3 until the login is under way, in the sizes of real daemons: of
#: the initiator Finished and Hello, of the acceptor two messages, a ticket and the challenge.
WENT_ON = CHANGE_CIPHER_SPEC + sealed(53, 72), CHANGE_CIPHER_SPEC + sealed(23, 53, 234, 79)


def message(text: bytes) -> bytes:
    """One Bareos message."""
    return vector(4, text)


def challenge(name: bytes) -> bytes:
    """Return the CRAM-MD5 challenge of a daemon (bareos.md §3.3)."""
    return message(b"auth cram-md5 <12345678.1795386425@" + name + b"> ssl=0\n")


RESPONSE = b"gF/m465CP0/Wd4AdV7/NuB"
"""A CRAM-MD5 response, which nothing may keep."""


def cleartext(line: bytes, own: bytes = b"R_DIRECTOR::bareos-dir") -> tuple[bytes, bytes]:
    """Both sides of a whole cleartext authentication; the acceptor is sd1."""
    initiator = message(line) + message(RESPONSE + b"\0") + challenge(own)
    acceptor = challenge(b"R_STORAGE::sd1") + message(b"1000 OK auth\n")
    return initiator + message(b"1000 OK auth\n"), acceptor + message(RESPONSE + b"\0")


def startup(**parameters: str) -> bytes:
    """A PostgreSQL startup packet of protocol 3.0."""
    words = b"".join(f"{k}\0{v}\0".encode() for k, v in parameters.items())
    body = (3 << 16).to_bytes(4, "big") + words + b"\0"
    return (len(body) + 4).to_bytes(4, "big") + body


def request(code: int) -> bytes:
    """SSLRequest and its like."""
    return (8).to_bytes(4, "big") + code.to_bytes(4, "big")


def handshake_of(name: str) -> tuple[bytes, bytes]:
    """Both sides of one of the real OpenSSL handshakes in ``DATA``."""
    initiator, acceptor = (DATA / f"{name}.hex").read_text().split()
    return bytes.fromhex(initiator), bytes.fromhex(acceptor)


HANDSHAKES = sorted(path.stem for path in DATA.glob("*.hex"))


@dataclass(frozen=True)
class Recorded:
    """One connection of a recording: its truth, and the first bytes of both sides."""

    connection: str
    acceptor_port: int
    identity: str
    """As ``truth.csv`` has it, ``^`` replaced by 0x1e; empty: none, or none was said."""
    initiator: bytes
    acceptor: bytes


@functools.cache
def recorded(folder: str) -> tuple[Recorded, ...]:
    """All connections of ``captures/<folder>`` in order, streams put together by scapy."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scapy warns of the machine, not of the capture
        from scapy.layers.inet import IP, TCP
        from scapy.layers.l2 import Ether
        from scapy.utils import RawPcapReader
    with (CAPTURES / folder / "truth.csv").open(newline="") as file:
        truth = list(csv.DictReader(file))
    found: dict[tuple[str, int, str, int], dict[int, bytes]] = {}
    with RawPcapReader(str(CAPTURES / folder / "capture.pcap")) as packets:
        for raw, _ in packets:
            packet = Ether(raw)
            if TCP not in packet:
                continue
            ip, tcp = packet[IP], packet[TCP]
            length = ip.len - 4 * ip.ihl - 4 * tcp.dataofs
            pieces = found.setdefault((ip.src, tcp.sport, ip.dst, tcp.dport), {})
            if tcp.flags.S or length:
                pieces.setdefault(tcp.seq, b"" if tcp.flags.S else bytes(tcp.payload)[:length])
    return tuple(_recorded(row, found) for row in truth)


def _recorded(
    row: dict[str, str], found: dict[tuple[str, int, str, int], dict[int, bytes]]
) -> Recorded:
    initiator = (row["initiator_address"], int(row["initiator_port"]))
    acceptor = (row["acceptor_address"], int(row["acceptor_port"]))
    return Recorded(
        row["connection"],
        acceptor[1],
        row["identity"].replace("^", "\x1e"),
        _stream(found.get(initiator + acceptor, {})),
        _stream(found.get(acceptor + initiator, {})),
    )


def _stream(pieces: dict[int, bytes]) -> bytes:
    """The first 4 KiB after the SYN, the piece that is empty."""
    syn = next((seq for seq, piece in pieces.items() if not piece), None)
    stream = b""
    if syn is not None:
        for offset, piece in sorted(((s - syn - 1) % 2**32, p) for s, p in pieces.items() if p):
            if offset > len(stream) or len(stream) >= 4096:
                break
            stream = stream[:offset] + piece + stream[offset + len(piece) :]
    return stream[:4096]
