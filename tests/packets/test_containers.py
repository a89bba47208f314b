"""The same packets are read from every container, packed or not, in pieces of any size."""

from __future__ import annotations

import io
from contextlib import closing
from typing import Any

from decoding import PORTS, SECOND, ethernet
from hypothesis import given, settings
from hypothesis import strategies as st
from packed import PACKERS
from pcapfile import ETHERNET, Pcapng, pcap

from auditor.packets import Decoder
from auditor.packets.byte_stream import Stream

BASE = 1_700_000_000 * SECOND
#: Microseconds after it, and octets of payload.
PACKETS = st.lists(st.tuples(st.integers(0, 10**9), st.binary(max_size=40)), max_size=6)
ORDERS = st.sampled_from(["big", "little"])


@st.composite
def pcap_files(draw: Any, packets: list[tuple[int, bytes]]) -> bytes:
    order = draw(ORDERS)
    kind = draw(st.sampled_from(["plain", "nanoseconds", "modified", "aix"]))
    file = bytearray(
        pcap(
            packets,
            order=order,
            nanoseconds=kind in {"nanoseconds", "aix"},
            modified=kind == "modified",
            link=6 if kind == "aix" else ETHERNET,
            version=(2, 2) if kind == "aix" else (2, 4),
        )
    )
    if kind == "aix":
        magic = bytes.fromhex("a1b2c3d4")
        file[:4] = magic if order == "big" else magic[::-1]
    return bytes(file)


@st.composite
def pcapng_files(draw: Any, packets: list[tuple[int, bytes]]) -> bytes:
    """Draw sections, interfaces, kinds of blocks and options, and blocks that nobody knows."""
    file, interfaces = Pcapng(draw(ORDERS)), 0
    digits: list[int] = []
    for time, frame in packets:
        if interfaces and draw(st.integers(0, 4)) == 0:
            file.section(draw(ORDERS))
            interfaces, digits = 0, []
        if not interfaces or draw(st.integers(0, 3)) == 0:
            digits.append(draw(st.sampled_from([6, 7, 9, 10])))
            file.interface(tsresol=digits[-1])
            interfaces += 1
        if draw(st.booleans()):
            file.block(draw(st.sampled_from([4, 10, 11, 0xBAD, 0x80000BAD])), b"x" * 20)
        on = draw(st.integers(0, interfaces - 1))
        ticks = time // 1000 * 10 ** (digits[on] - 6)
        if draw(st.booleans()):
            file.obsolete(ticks, frame, interface=on, drops=0)
        else:
            options = draw(st.sampled_from([b"", file.option(1, b"comment"), bytes(4)]))
            file.enhanced(ticks, frame, interface=on, options=options)
    return bytes(file)


@settings(max_examples=50, deadline=None)
@given(data=st.data(), packets=PACKETS)
def test_every_container_gives_the_same_segments(
    data: Any, packets: list[tuple[int, bytes]]
) -> None:
    said = [(BASE + offset * 1000, payload) for offset, payload in packets]
    frames = [(time, ethernet(payload)) for time, payload in said]
    container = data.draw(pcap_files(frames) | pcapng_files(frames))
    pack = data.draw(st.sampled_from([bytes, *PACKERS.values()]))
    size = data.draw(st.integers(16, 2000))
    decoder, found = Decoder(PORTS), []
    with closing(Stream("a", io.BytesIO(pack(container)))) as stream:
        piece = memoryview(bytearray(size))
        while count := stream.fill(piece):
            for batch in decoder.feed(bytes(piece[:count])):
                for row in batch.segments:
                    begin = int(row["payload"])
                    payload = batch.buffer[begin : begin + int(row["captured"])].tobytes()
                    found.append((int(row["time"]), payload))
    info = decoder.finish()
    assert found == said
    assert (info.packets, info.undecoded, info.truncated) == (len(said), 0, False)
    assert info.dropped is None
