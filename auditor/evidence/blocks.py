"""The blocks of a pcapng file as bytes (draft-ietf-opsawg-pcapng §3 and §4), little-endian.

Pure functions: what goes into a file, and when, is not decided here. There is no function
for a Decryption Secrets Block, since this program holds no secrets.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence

from auditor.evidence.packet import (
    HEADER_BYTES,
    HELLO_BYTES,
    Counters,
    Direction,
    Interface,
    Packet,
)
from auditor.packets.pcapng_comments import COUNTERS

#: The longest packet that is ever kept: headers, and the hello when one segment holds it all.
SNAPLEN = HEADER_BYTES + HELLO_BYTES
#: Bytes of one text option; the format's own bound is 65535.
MAX_TEXT = 4096
#: Comments on one block.
MAX_COMMENTS = 64

_SECTION, _INTERFACE, _NAMES, _STATISTICS, _PACKET = 0x0A0D0D0A, 1, 4, 5, 6
_COMMENT = 1
_HARDWARE, _OS, _USERAPPL = 2, 3, 4
_IF_NAME, _IF_TSRESOL, _IF_FILTER, _IF_OS = 2, 9, 11, 12
_FLAGS, _PROCESS = 2, 8
_START, _END, _IFRECV, _IFDROP, _FILTERACCEPT, _OSDROP, _USRDELIV = 2, 3, 4, 5, 6, 7, 8
_NANOSECONDS = b"\x09"


def section(application: str, hardware: str, system: str, comments: Iterable[str] = ()) -> bytes:
    """Return the Section Header Block; its length is left open, as a stream's must be."""
    head = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)
    texts = ((_HARDWARE, hardware), (_OS, system), (_USERAPPL, application))
    return _block(
        _SECTION, head, *_comments(comments), *(_text(code, value) for code, value in texts)
    )


def interface(description: Interface, filter_text: str, system: str, snaplen: int = 0) -> bytes:
    """Return the Interface Description Block; times of its packets are in nanoseconds.

    ``snaplen``: octets of a packet that the capture they come from kept at most; 0: all.
    """
    return _block(
        _INTERFACE,
        struct.pack("<HHI", description.link, 0, min(snaplen or SNAPLEN, SNAPLEN)),
        _text(_IF_NAME, description.name),
        _option(_IF_TSRESOL, _NANOSECONDS),
        _text(_IF_FILTER, filter_text, b"\0"),  # 0: a filter in libpcap's language
        _text(_IF_OS, system),
    )


def names(table: Mapping[str, str]) -> bytes:
    """Return a Name Resolution Block for address → name, or nothing if no address is one.

    A name that is no host name (RFC 1123) is kept all the same: only its length is bounded, and
    the null that ends it cannot be inside it.
    """
    records = []
    for address, name in table.items():
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            continue
        value = parsed.packed + _utf8(name.replace("\0", "?"), 255) + b"\0"
        records.append(_option(1 if parsed.version == 4 else 2, value))
    return _block(_NAMES, b"".join(records) + bytes(4)) if records else b""


def packet(kept: Packet, comments: Sequence[str] = (), pid: int = 0) -> bytes:
    """Return the Enhanced Packet Block; ``pid`` 0 means that no process is known."""
    time, number, data, length, direction, comment, _ = kept
    if len(data) > SNAPLEN:
        data = data[:SNAPLEN]
    size = len(data)
    high, low, wire = time >> 32 & 0xFFFFFFFF, time & 0xFFFFFFFF, max(length, size)
    if not (comment or comments or pid):  # nearly all
        rest = _ENDS[direction][size & 3]
        total = 32 + size + len(rest)
        head = _PLAIN_HEAD.pack(_PACKET, total, number, high, low, size, wire)
        return b"%b%b%b%b" % (head, data, rest, _SIZE.pack(total))
    body = _PACKET_HEAD.pack(number, high, low, size, wire) + data + _PADDING[size & 3]
    options = list(_comments((*kept.comment.splitlines(), *comments)))
    if kept.direction is not Direction.UNKNOWN:
        options.append(_DIRECTIONS[kept.direction])
    if pid:
        # epb_processid_threadid: the thread is not known. Older Wiresharks skip it. The
        # custom block for names (PEN 32622) is left out: 4.0 shows it as a frame of its own.
        options.append(_option(_PROCESS, struct.pack("<II", pid, 0)))
    return _block(_PACKET, body, *options)


def statistics(
    number: int, counters: Counters, started: int, now: int, comments: Iterable[str] = ()
) -> bytes:
    """Return the Interface Statistics Block of interface ``number``; times are ns UTC.

    ``isb_osdrop`` is all that is missing, whether the kernel's queue lost it (``dropped``) or the
    recorder could not keep it (``lost``): a reader lowers its verdicts by that sum. The comment
    tells them apart.
    """
    counts = (
        (_IFRECV, counters.seen + counters.dropped),
        (_IFDROP, 0),
        (_FILTERACCEPT, counters.matched),
        (_OSDROP, counters.dropped + counters.lost),
        (_USRDELIV, counters.kept),
    )
    own = COUNTERS + " ".join(f"{name}={count}" for name, count in counters._asdict().items())
    return _block(
        _STATISTICS,
        struct.pack("<I", number) + _time(now),
        *_comments((own, *comments)),
        _option(_START, _time(started)),
        _option(_END, _time(now)),
        *(_option(code, struct.pack("<Q", count & 0xFFFFFFFFFFFFFFFF)) for code, count in counts),
    )


def _block(kind: int, head: bytes, *options: bytes) -> bytes:
    body = head + b"".join(options) + (bytes(4) if any(options) else b"")
    size = len(body) + 12
    return struct.pack("<II", kind, size) + body + struct.pack("<I", size)


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def _text(code: int, text: str, prefix: bytes = b"") -> bytes:
    return _option(code, prefix + _utf8(text, MAX_TEXT)) if text else b""


def _comments(comments: Iterable[str]) -> Iterator[bytes]:
    for number, text in enumerate(comments):
        if number == MAX_COMMENTS:
            return
        yield _text(_COMMENT, text)


def _utf8(text: str, limit: int) -> bytes:
    """Return UTF-8 of at most ``limit`` bytes that never ends inside a character."""
    encoded = text.encode("utf-8", "replace")[:limit]
    return encoded.decode("utf-8", "ignore").encode()


def _direction(way: Direction) -> bytes:
    if way is Direction.UNKNOWN:
        return b""
    return _option(_FLAGS, struct.pack("<I", way))


#: What every packet needs, made once.
_PACKET_HEAD, _PLAIN_HEAD = struct.Struct("<IIIII"), struct.Struct("<IIIIIII")
_SIZE = struct.Struct("<I")
_PADDING = (b"", bytes(3), bytes(2), bytes(1))
_DIRECTIONS = tuple(map(_direction, Direction))
#: What follows a packet that has no other option than its direction, by that and by its size.
_ENDS = tuple(
    tuple(padding + (option + bytes(4) if option else b"") for padding in _PADDING)
    for option in _DIRECTIONS
)


def _time(time: int) -> bytes:
    return struct.pack("<II", time >> 32 & 0xFFFFFFFF, time & 0xFFFFFFFF)
