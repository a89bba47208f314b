"""Fragments put together: scapy cuts, and tshark is the witness of what they make."""

from __future__ import annotations

import random
import subprocess
import warnings
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from cut_up import tiny
from decoding import seen
from hello_wire import client_hello, handshake_of, keys, record
from hypothesis import given, settings
from hypothesis import strategies as st
from pcapfile import Pcapng, pcap
from tape import Endpoint, Tape

from auditor.flows import Identity
from auditor.packets import Decoder
from auditor.packets.checksum import GOOD, checksum_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from scapy.layers.inet import IP, TCP
    from scapy.layers.inet6 import IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment
    from scapy.layers.l2 import Dot1Q, Ether

LINK = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
V4 = IP(src="10.77.0.31", dst="10.77.0.20", id=7, ttl=61)
V6 = IPv6(src="2001:db8::31", dst="2001:db8::20", hlim=61)
SEGMENT = TCP(sport=40001, dport=9103, seq=7, ack=9, flags="PA")
SIZES = [8, 16, 24, 64, 1480]
FAMILIES = pytest.mark.parametrize("version", [4, 6])
SECOND = 1_000_000_000


def cut(version: int, payload: bytes, places: list[int], link: Any = LINK) -> list[bytes]:
    """Return the frames of a datagram that is cut at these places, multiples of 8."""
    packets = []
    for begin, end in pairwise([0, *places, len(payload)]):
        more = int(end < len(payload))
        if version == 4:
            head = IP(**{**V4.fields, "flags": more, "frag": begin // 8, "proto": 6})
        else:
            head = V6 / IPv6ExtHdrFragment(offset=begin // 8, m=more, nh=6, id=77)
        packets.append(bytes(link / head / payload[begin:end]))
    return packets


def whole(version: int, data: bytes, segment: Any = SEGMENT) -> bytes:
    """Return a TCP segment as the network layer carries it, with its checksum."""
    packet = (V4 if version == 4 else V6) / segment / data
    return bytes(type(packet)(bytes(packet)).payload)


def every(size: int, payload: bytes) -> list[int]:
    return list(range(size, len(payload), size))


def capture(frames: list[bytes], step: int = 1000) -> bytes:
    return pcap([(k * step, frame) for k, frame in enumerate(frames)])


def last(frames: list[bytes]) -> Any:
    segments, info = seen([capture(frames)])
    return segments[-1], info


@FAMILIES
@pytest.mark.parametrize("size", SIZES)
def test_what_was_cut_is_read_as_if_it_were_whole(version: int, size: int) -> None:
    payload = whole(version, b"hello " * 50)
    frames = cut(version, payload, every(size, payload))
    segment, info = last(frames)
    assert (segment.payload, segment.seq, segment.dport) == (b"hello " * 50, 7, 9103)
    assert (segment.ttl, segment.time) == (61, (len(frames) - 1) * 1000)
    assert (info.fragments, info.undecoded, info.short) == (0, 0, 0)


@FAMILIES
@given(data=st.data(), payload=st.binary(max_size=600), seed=st.integers(0, 99))
@settings(max_examples=40)
def test_any_cut_in_any_order_with_repetitions_is_put_together(
    version: int, data: Any, payload: bytes, seed: int
) -> None:
    """The checksum that scapy computed over the whole is right again."""
    carried = whole(version, payload)
    units = st.integers(1, max(1, (len(carried) - 1) // 8))
    places = sorted(data.draw(st.sets(units.map(lambda k: 8 * k), min_size=1, max_size=8)))
    places = [place for place in places if place < len(carried)]
    frames = cut(version, carried, places)
    again = frames[:-1] if len(frames) > 1 else []
    mixed = [*frames, *again]
    random.Random(seed).shuffle(mixed)
    (*_, batch) = Decoder({9103}).feed(capture(mixed))
    found = [
        (bytes(b.buffer[r["payload"] :][: r["captured"]]), int(checksum_of(r, b.buffer)))
        for b in Decoder({9103}).feed(capture(mixed))
        for r in b.segments
        if r["header"]
    ]
    assert (payload, GOOD) in found
    assert not any(row["torn"] for row in batch.segments)


def test_a_vlan_and_pcapng_keep_the_frame_and_the_interface() -> None:
    payload = whole(4, b"data")
    file = Pcapng().interface(101, tsresol=9).interface(tsresol=9)
    for k, frame in enumerate(cut(4, payload, [8, 16], LINK / Dot1Q(vlan=7))):
        file.enhanced(k, frame, interface=1)
    (batch,) = Decoder({9103}).feed(bytes(file))
    row = batch.segments[0]
    assert (row["interface"], row["number"], row["time"]) == (1, 3, 2)
    frame = bytes(batch.buffer[row["frame"] :])
    assert Ether(frame)[Dot1Q].vlan == 7
    assert bytes(Ether(frame)[TCP].payload) == b"data"


@FAMILIES
@pytest.mark.parametrize("missing", [0, 1, 2])
def test_what_stays_incomplete_is_counted_and_hides_nothing_else(
    version: int, missing: int
) -> None:
    payload = whole(version, b"x" * 20)
    frames = cut(version, payload, [8, 16])
    del frames[missing]
    other = bytes(LINK / (V4 if version == 4 else V6) / SEGMENT / b"other")
    segment, info = last([*frames, other])
    assert (segment.payload, info.fragments, info.undecoded) == (b"other", 2, 0)


def test_a_first_fragment_with_data_is_read_at_once_and_the_whole_later() -> None:
    payload = whole(4, b"0123456789abcdef")
    frames = cut(4, payload, [32])
    segments, info = seen([capture(frames)])
    assert [one.payload for one in segments] == [b"0123456789ab", b"0123456789abcdef"]
    assert info.fragments == 0


@pytest.mark.parametrize("flags", ["S", "F", "R"])
def test_what_opens_or_ends_a_connection_waits_for_the_rest(flags: str) -> None:
    payload = whole(4, b"x" * 20, TCP(sport=1, dport=9103, flags=flags))
    frames = cut(4, payload, [24])
    assert seen([capture(frames[:1])])[0] == []
    assert len(seen([capture(frames)])[0]) == 1


@FAMILIES
def test_fragments_that_differ_are_torn(version: int) -> None:
    payload = whole(version, b"x" * 40)
    frames = cut(version, payload, [24, 40])
    other = bytearray(frames[1])
    other[-3] ^= 1
    for order in ([frames[0], bytes(other), *frames[1:]], [*frames[:2], bytes(other), frames[2]]):
        (*_, batch) = Decoder({9103}).feed(capture(order))
        assert batch.segments[-1]["torn"] == 1
    (*_, batch) = Decoder({9103}).feed(capture([*frames[:2], frames[1], frames[2]]))
    assert batch.segments[-1]["torn"] == 0


def test_a_receiver_waits_no_longer_than_a_minute() -> None:
    frames = cut(4, whole(4, b"x" * 20), [8, 16])
    assert len(seen([capture(frames, 20 * SECOND)])[0]) == 1
    assert seen([capture(frames, 61 * SECOND)])[0] == []


def test_other_ports_and_protocols_make_nothing() -> None:
    payload = whole(4, b"x" * 20, TCP(sport=1, dport=2))
    segments, info = seen([capture(cut(4, payload, [8, 16]))])
    assert (segments, info.undecoded) == ([], 0)
    tail = IPv6ExtHdrDestOpt()
    assert seen([capture([bytes(LINK / V6 / IPv6ExtHdrFragment(m=1, nh=60) / tail)])])[0] == []


@pytest.mark.bulk
def test_a_flood_of_fragments_takes_no_more_memory() -> None:
    decoder = Decoder({9103})
    size = decoder._fragments.nbytes
    frames = [cut(4, whole(4, b"x" * 20), [8, 16])[k % 2] for k in range(2)]
    flood = []
    for k in range(6000):
        frame = bytearray(frames[k % 2])
        frame[18:20] = k.to_bytes(2, "big")
        flood.append(bytes(frame))
    assert not list(decoder.feed(capture(flood)))
    assert decoder._fragments.nbytes == size < 48 << 20
    assert decoder.finish().fragments == 6000


@pytest.mark.parametrize("size", [8, 16, 24, 48])
@pytest.mark.parametrize("family", [4, 6])
def test_a_connection_in_tiny_fragments_is_tracked_as_any(size: int, family: int) -> None:
    names = ("10.77.0.31", "10.77.0.20") if family == 4 else ("2001:db8::9", "2001:db8::1")
    fd, sd = Endpoint(names[0], 40001), Endpoint(names[1], 9103)
    tape = Tape().syn(fd, sd).synack().ack()
    tape.send(fd, record(client_hello(keys(b"R_CLIENT\x1efd3")))).ack()
    tape.send(sd, handshake_of("tls13-psk")[1]).ack()
    tape.silence(60).probe(fd).answer().fin(fd).fin(sd).ack()
    plain = tape.flow()
    cut_up = tiny(tape, fd, size).flow()
    assert (cut_up.hello, cut_up.outcome) == (plain.hello, plain.outcome)
    assert cut_up.ended == plain.ended
    assert cut_up.hello.identity == Identity("R_CLIENT", "fd3")
    assert [p.silence for p in cut_up.initiator.probes] == [
        p.silence for p in plain.initiator.probes
    ]
    assert cut_up.initiator.payload_bytes == plain.initiator.payload_bytes
    assert cut_up.initiator.segments == plain.initiator.segments
    assert cut_up.tampering_count == 0


@FAMILIES
def test_tshark_puts_the_same_together(version: int, tmp_path: Path) -> None:
    payload = whole(version, b"hello " * 50)
    file = tmp_path / "cut.pcap"
    file.write_bytes(capture(cut(version, payload, every(24, payload))))
    fields = ["-e", "frame.number", "-e", "tcp.len", "-e", "tcp.payload"]
    command = ["tshark", "-r", str(file), "-Y", "tcp", "-T", "fields", *fields]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    segment, _ = last(cut(version, payload, every(24, payload)))
    number = 1 + segment.time // 1000
    assert told == [str(number), str(segment.length), segment.payload.hex()]
