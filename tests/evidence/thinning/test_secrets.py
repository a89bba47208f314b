"""Secrets that are planted at every place of what two hosts say are found nowhere afterwards."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hello_wire import (
    CHANGE_CIPHER_SPEC,
    CLIENT,
    client_hello,
    extension,
    handshake,
    keys,
    message,
    record,
    request,
    server_hello,
    startup,
)
from paths import CAPTURES
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether
from tape import Endpoint, Tape
from thinning_stage import thinned

pytestmark = pytest.mark.usefixtures("each_thinner")

FD, SD = Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)
DB = Endpoint("10.77.0.5", 5432)
SECRET = b"S3CR3T-file-data-S3CR3T"
OFFER, ANSWER = record(client_hello(keys(CLIENT))), record(server_hello())
HELLO = message(b"Hello Client fd1 FdProtocolVersion=54 calling\n")
CHALLENGE = message(b"auth cram-md5 <1.2@R_STORAGE::sd1> ssl=0\n")
SEALED = record(bytes(40), kind=23, version=0x0303)
START = startup(user="bareos")

#: What each side says, one segment after the other: (True: the initiator, bytes).
TALKS = {
    "tls": [(True, OFFER), (False, ANSWER + CHANGE_CIPHER_SPEC + SEALED), (True, SEALED)],
    "cleartext": [(True, HELLO), (False, CHALLENGE)],
    "postgresql": [(True, START)],
    "postgresql-tls": [(True, request(80877103)), (False, b"S"), (True, OFFER), (False, ANSWER)],
    "refused": [(True, OFFER), (False, record(b"\2\x28", kind=21) + b"\xff\xff\xff\xfc")],
    "nothing": [],
}
#: What an attacker, or a program after its handshake, may say: secrets that look like something.
GUISES = [
    SECRET * 20,
    message(SECRET),
    b"\x16\x03" + SECRET * 20,
    b"\x15\x03" + SECRET,
    record(SECRET * 4),
    record(SECRET, kind=23),
    record(SECRET, kind=20),
    record(SECRET, kind=21),
    record(handshake(1, SECRET * 9)),
    record(handshake(11, SECRET * 9)),
    record(client_hello() + SECRET),
    record(client_hello(extension(0xFEED, SECRET * 9))),
    record(client_hello())[:-9] + SECRET * 9,
    message(b"Hello " + SECRET * 90),
    message(b"Hello x\x02" + SECRET),
    message(b"auth cram-md5 " + SECRET),
    message(b"auth cram-md5 <1.2@x> ssl=0\n" + SECRET),
    message(b"1999 \x02" + SECRET),
    request(80877103) + SECRET,
    request(80877102)[:8] + SECRET,
    struct.pack(">I", 300) + b"\0\3\0\0user\0" + SECRET * 12,
    startup(user="u", options=SECRET.decode()),
    b"S" + SECRET,
    b"N" + SECRET,
    b"E" + SECRET,
    b"\xff\xff\xff\xfc" + SECRET,
    b"R\0\0\0\x08\0\0\0\3" + SECRET,
]


def tape(talk: str, guise: bytes, place: int, initiates: bool, *, begun: bool = True) -> Tape:
    """Return a talk in which ``guise`` is said after ``place`` of its segments."""
    peer = DB if talk.startswith("post") else SD
    made = Tape()
    if begun:
        made.syn(FD, peer).synack().ack()
    else:
        made.join(FD, peer)
    said = list(TALKS[talk])
    said.insert(min(place, len(said)), (initiates, guise))
    for initiator, data in said:
        made.send(FD if initiator else peer, data).ack()
    return made.silence(1).fin(FD).ack().fin(peer).ack()


def is_hidden(capture: bytes) -> bool:
    found = thinned(capture)
    return not any(SECRET[at : at + 8] in found for at in range(0, len(SECRET) - 8))


def places() -> list[tuple[str, int, bool]]:
    return [
        (talk, place, initiates)
        for talk, said in TALKS.items()
        for place in range(len(said) + 1)
        for initiates in (True, False)
    ]


@pytest.mark.bulk
@pytest.mark.parametrize("number", range(len(GUISES)))
def test_after_at_and_in_the_place_of_a_hello(number: int) -> None:
    """A Hello that is one printable line is one, whatever it says. Some places for each guise."""
    for place in random.Random(number).sample(places(), 8):
        assert is_hidden(tape(place[0], GUISES[number], *place[1:]).pcap()), place


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(GUISES)))
def test_at_every_place(number: int) -> None:
    for place in places():
        assert is_hidden(tape(place[0], GUISES[number], *place[1:]).pcap()), place


@pytest.mark.parametrize("guise", GUISES, ids=range(len(GUISES)))
def test_amid_a_stream_whose_beginning_was_not_seen(guise: bytes) -> None:
    for initiates in (True, False):
        assert is_hidden(tape("nothing", guise, 0, initiates, begun=False).pcap())
    made = Tape().join(FD, SD).send(FD, message(SECRET)).ack()
    for end in (FD, SD):  # a forged SYN, or a SYN-ACK with another number, and what follows it
        for flags in ("S", "SA"):
            made.segment(end, flags, shift=-1).segment(end, "PA", guise)
            made.segment(end, flags, guise, shift=7_000_000)
    assert is_hidden(made.pcap())


def _disorders(made: Tape, rng: random.Random) -> Iterator[Callable[[], None]]:
    yield lambda: rng.shuffle(made.frames)
    yield made.frames.reverse
    yield lambda: made.frames.insert(rng.randrange(len(made.frames)), rng.choice(made.frames))
    yield lambda: made.frames.pop(rng.randrange(len(made.frames)))


@pytest.mark.parametrize("talk", TALKS)
def test_in_any_order(talk: str) -> None:
    for seed in range(20):
        rng = random.Random(seed)
        made = tape(talk, rng.choice(GUISES), rng.randrange(4), rng.random() < 0.5)
        times = [frame.time for frame in made.frames]
        for disorder in rng.sample(list(_disorders(made, rng)), 2):
            disorder()
        pairs = zip(made.frames, times, strict=False)
        made.frames = [replace(frame, time=time) for frame, time in pairs]
        assert is_hidden(made.pcap()), seed


@pytest.mark.parametrize("talk", TALKS)
@pytest.mark.parametrize("size", [1, 7, 23])
def test_in_segments_that_overlap_and_contradict(talk: str, size: int) -> None:
    for first in (True, False):
        made = Tape().syn(FD, SD).synack().ack()
        for initiator, data in [*TALKS[talk], (True, b"")]:
            end, lie = FD if initiator else SD, (SECRET * 99)[: max(len(data), 30)]
            for start in range(0, len(lie), size):
                made.segment(end, "PA", lie[start : start + size], shift=start)
            if first:
                made.send(end, data)
            else:
                made.send(end, data).resend(end)
        assert is_hidden(made.silence(1).ack(SD).pcap())


@pytest.mark.parametrize("flags", ["S", "SA", "A", "PA", "FA", "RA", "R", "PAU", "", "SF"])
def test_on_every_kind_of_segment(flags: str) -> None:
    made = Tape().syn(FD, SD).synack().ack()
    for end in (FD, SD):
        for shift in (-1, 0, 1, -len(SECRET), 1 << 21, 1 << 29):
            made.segment(end, flags, SECRET, shift=shift)
    assert is_hidden(made.silence(2).probe(FD, b"x").answer().pcap())


def test_in_options_padding_trailers_and_quotes() -> None:
    made = tape("cleartext", HELLO, 0, True)
    for number, frame in enumerate(made.frames):
        packet = Ether(frame.data)
        packet[TCP].options = [(253, SECRET)]
        packet[TCP].urgptr = 9
        del packet[IP].len, packet[IP].chksum, packet[TCP].chksum, packet[TCP].dataofs
        data = bytes(packet) + SECRET
        made.frames[number] = replace(frame, data=data, wire=len(data))
    assert is_hidden(made.pcap())
    made = Tape().syn(FD, SD).synack().ack()
    for quote in (8, 20, 60, 200):
        made.send(FD, SECRET * 9).error("10.77.0.1", 3, 1, quote=quote)
    assert is_hidden(made.pcap())


@pytest.mark.bulk
@pytest.mark.parametrize("recording", ["modes", "cleartext", "heartbeat", "trouble"])
def test_in_every_payload_of_a_recording_behind_its_hello(recording: str) -> None:
    """The last half of each segment that is not among the first of its stream."""
    data = (CAPTURES / recording / "capture.pcap").read_bytes()
    head, at, out = data[:24], 24, []
    seen: dict[bytes, int] = {}
    while at + 16 <= len(data) and len(out) < 3000:
        size = struct.unpack("<I", data[at + 8 : at + 12])[0]
        frame = bytearray(data[at + 16 : at + 16 + size])
        flow = bytes(frame[26:38])
        seen[flow] = seen.get(flow, 0) + 1
        if seen[flow] > 9 and size > 66 + 2 * len(SECRET):
            frame[-len(SECRET) :] = SECRET
        out.append(data[at : at + 16] + bytes(frame))
        at += 16 + size
    planted = head + b"".join(out)
    assert SECRET in planted
    assert is_hidden(planted)
