"""What the program in the kernel keeps of crafted segments: the thinning, rule by rule."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from socket import socket
from typing import Any

import pytest
from bpf_recording import LONG, MARKER, Dialogue, flags_of, payload_of, recording
from hello_wire import client_hello, record, server_hello
from netns import Namespace, injector, join, namespaces, need, why_no_bpf

from auditor.capture.ebpf import silences

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # scapy's optional cryptography warns of old ciphers
    from scapy.layers.inet import IP, IPOption_NOP, fragment
    from scapy.layers.inet6 import IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop
    from scapy.layers.l2 import Dot1Q, Ether

SYN, FIN, RST = 2, 1, 4
BULK = MARKER * 60
SIX = ("2001:db8::1", "2001:db8::2")


@pytest.fixture(scope="module")
def ends() -> Iterator[list[Namespace]]:
    need(why_no_bpf())
    with namespaces(2) as pair:
        join(*pair, addresses=False)
        yield pair


@pytest.fixture
def home(ends: list[Namespace]) -> Namespace:
    return ends[0]


@pytest.fixture
def far(ends: list[Namespace]) -> Iterator[socket]:
    with injector(ends[1]) as raw:
        yield raw


def send(raw: socket, *frames: bytes) -> None:
    for frame in frames:
        raw.send(frame)


def test_the_handshake_fin_and_rst_are_kept(home: Namespace, far: socket) -> None:
    talk = Dialogue()
    with recording(home) as tape:
        send(far, *talk.handshake(), talk.frame(0, "FA"), talk.frame(1, "RA"))
        kept = tape.finish()
    assert [flags_of(p) & (SYN | FIN | RST) for p in kept] == [SYN, SYN, 0, FIN, RST]


def test_file_data_is_counted_and_not_stored(home: Namespace, far: socket) -> None:
    talk = Dialogue()
    opening = talk.handshake()
    data = [frame for _ in range(251) for frame in (talk.frame(0, "A", BULK), talk.frame(1))]
    with recording(home) as tape:
        send(far, *opening, *data)
        kept = tape.finish()
        count = tape.count
    assert (count.seen, count.matched, count.lost) == (505, 505, 0)
    # The handshake, the first word of each side and, at the end, the last segment of each.
    assert len(kept) == 7


def test_a_probe_and_its_answer_are_kept(home: Namespace, far: socket) -> None:
    talk = Dialogue()
    with recording(home) as tape:
        send(far, *talk.handshake(), talk.frame(0, "A", BULK), talk.frame(1))
        send(far, talk.probe(0), talk.frame(1), talk.frame(1), talk.frame(0, "A", BULK))
        kept = tape.finish()
    assert [p.data[38:42] for p in kept[5:7]] == [
        (1000 + 1 + len(BULK) - 1).to_bytes(4, "big"),
        (5001).to_bytes(4, "big"),
    ]
    assert len(kept) == 9


def test_the_byte_of_a_probe_is_not_stored(home: Namespace, far: socket) -> None:
    talk = Dialogue()
    with recording(home) as tape:
        send(far, *talk.handshake(), talk.probe(0, b"\0"), talk.frame(1))
        kept = tape.finish()
    assert [payload_of(p) for p in kept] == [b""] * 5
    assert kept[3].length == 14 + 20 + 20 + 1


def test_both_ends_of_a_silence_are_kept_in_order_and_once(home: Namespace, far: socket) -> None:
    talk = Dialogue()
    with recording(home) as tape:
        send(far, *talk.handshake(), talk.frame(0, "A", BULK), talk.frame(1))
        tape.run(2 * LONG)  # the walk finds the silences while they last
        during = len(tape.packets)
        send(far, talk.frame(0, "A", BULK), talk.frame(1), talk.frame(0, "A", BULK), talk.frame(1))
        kept = tape.finish()
    assert during == 5
    gap = kept[5].time - kept[4].time
    assert gap >= 2 * LONG * 1e9
    assert len(kept) == 9


@pytest.mark.slow
def test_a_silence_that_ends_before_the_next_look_is_kept_by_the_kernel(
    home: Namespace, far: socket
) -> None:
    talk = Dialogue()
    with recording(home) as tape:
        tape.run(0.3)  # so that the silence begins and ends between two walks
        send(far, *talk.handshake(), talk.frame(0, "A", BULK), talk.frame(1))
        tape.run(0.55)
        send(far, talk.frame(0, "A", BULK), talk.frame(1), talk.frame(0, "A", BULK), talk.frame(1))
        tape.run(2 * LONG)
        kept = tape.finish()
    assert len(kept) == 9


def test_the_first_payload_within_a_silence_of_the_peer_is_kept(
    home: Namespace, far: socket
) -> None:
    talk = Dialogue()
    with recording(home) as tape:
        send(far, *talk.handshake(), talk.frame(1))
        first = talk.frame(0, "A", BULK)
        send(far, first)
        for _ in range(6):  # the initiator goes on, the acceptor is silent
            tape.run(0.2)
            last = talk.frame(0, "A", BULK)
            send(far, last)
        send(far, talk.frame(1), talk.frame(0, "A", BULK))
        kept = tape.finish()
    data = [p.data for p in kept]
    assert data.count(first[:54]) == 1
    assert data.count(last[:54]) == 1
    # The handshake, the acceptor's first word; those two; the end, each side's last.
    assert len(kept) == 8


def test_of_tls_the_hello_is_kept_and_of_what_is_sealed_the_sizes(
    home: Namespace, far: socket
) -> None:
    talk = Dialogue()
    hellos = [record(client_hello()), record(server_hello())]
    sealed = b"\x17\x03\x03" + len(BULK).to_bytes(2, "big") + BULK
    with recording(home) as tape:
        send(far, *talk.handshake())
        for cut in range(0, 300, 60):
            pieces = [hello[cut : cut + 60] for hello in hellos]
            send(far, *(talk.frame(side, "A", pieces[side]) for side in (0, 1) if pieces[side]))
        send(far, talk.frame(0, "A", sealed), talk.frame(1, "A", sealed))
        kept = tape.finish()
    for hello, source in zip(hellos, (b"\x9c\x41", b"\x23\x8f"), strict=True):
        said = b"".join(payload_of(p) for p in kept if p.data[34:36] == source)
        assert (len(said), said[:44], said[len(hello) : len(hello) + 5]) == (
            len(said),
            hello[:44],
            sealed[:5],
        )
        assert not said[len(hello) + 5 :].strip(b"\0")


def test_of_cleartext_the_first_message_of_each_side_is_kept_however_it_is_split(
    home: Namespace, far: socket
) -> None:
    hello = b"\0\0\0\x1dHello Client fd-17 calling 25"
    answer = b"\0\0\0\x221000 OK: bareos-sd Version: 25.0.1"
    second = b"\0\0\0\x11" + MARKER
    assert (len(hello), len(answer)) == (4 + 0x1D, 4 + 0x22)
    with recording(home) as tape:
        for cut in range(1, len(hello)):
            talk = Dialogue(source=40000 + cut)
            send(far, *talk.handshake(), talk.frame(0, "A", hello[:cut]))
            send(far, talk.frame(0, "A", hello[cut:] + second), talk.frame(1, "A", answer + second))
            send(far, talk.frame(1, "A", second), talk.frame(0, "A", second))
        kept = tape.finish()
    for cut in range(1, len(hello)):
        port = (40000 + cut).to_bytes(2, "big")
        assert b"".join(payload_of(p) for p in kept if port in p.data[34:38]) == hello + answer


def test_an_acceptors_signal_is_its_four_bytes(home: Namespace, far: socket) -> None:
    talk = Dialogue()
    with recording(home) as tape:
        send(far, *talk.handshake(), talk.frame(0, "A", b"\0\0\0\x06Hello "))
        send(far, talk.frame(1, "A", b"\xff\xff\xff\xfa" + MARKER))
        kept = tape.finish()
    assert [payload_of(p) for p in kept if payload_of(p)] == [
        b"\0\0\0\x06Hello ",
        b"\xff\xff\xff\xfa",
    ]


def test_of_postgresql_the_startup_is_kept_and_never_a_password(
    home: Namespace, far: socket
) -> None:
    talk = Dialogue(5432)
    gss, ssl = (b"\0\0\0\x08\x04\xd2\x16" + code for code in (b"\x30", b"\x2f"))
    startup = b"\0\0\0\x25\0\x03\0\0user\0bareos\0database\0bareos\0\0"
    with recording(home) as tape:
        send(far, *talk.handshake(), talk.frame(0, "A", gss), talk.frame(1, "A", b"N"))
        send(far, talk.frame(0, "A", ssl), talk.frame(1, "A", b"N"))
        send(far, talk.frame(0, "A", startup), talk.frame(1, "A", b"R\0\0\0\x0c" + MARKER))
        send(far, talk.frame(0, "A", b"p\0\0\0\x15" + MARKER))
        kept = tape.finish()
    said = [payload_of(p) for p in kept if payload_of(p)]
    assert said == [gss, b"N", ssl, b"N", startup]


def test_the_key_of_a_cancel_request_is_not_kept(home: Namespace, far: socket) -> None:
    talk = Dialogue(5432)
    with recording(home) as tape:
        send(far, *talk.handshake(), talk.frame(0, "A", b"\0\0\0\x10\x04\xd2\x16\x2eSECRETS!"))
        kept = tape.finish()
    assert not any(payload_of(p) for p in kept)


@pytest.mark.parametrize("after", [b"\x17\x03\x03\1\0" + bytes(256), BULK], ids=["tls", "none"])
def test_of_a_flow_that_began_before_no_more_is_kept_than_that_tls_protects_it(
    home: Namespace, far: socket, after: bytes
) -> None:
    tls = b"\x16\x03\x01\0\x50\x01\0\0\x4c\x03\x03" + bytes(74)
    hello = b"\0\0\0\x0aHello name"
    said = [MARKER, b"\0\0\0\x05" + MARKER, b"\x16\x03" + MARKER, tls, hello + MARKER]
    with recording(home) as tape:
        for number, data in enumerate(said):
            talk = Dialogue(source=40000 + number)
            send(far, talk.frame(0, "A", data), talk.frame(1), talk.frame(0, "A", after))
        kept = tape.finish()
    goes_on = after.startswith(b"\x17")
    assert [payload_of(p) for p in kept if payload_of(p)] == [b"\x16\x03\x01\0\x01"] * goes_on


def test_a_new_connection_on_the_same_ports_has_a_hello_of_its_own(
    home: Namespace, far: socket
) -> None:
    first, second = Dialogue(), Dialogue()
    second._next = [70000, 90000]
    with recording(home) as tape:
        for talk, name in ((first, b"one"), (second, b"two")):
            send(far, *talk.handshake(), talk.frame(0, "A", b"\0\0\0\x09Hello " + name))
            send(far, talk.frame(0, "A", BULK), talk.frame(0, "FA"), talk.frame(1, "FA"))
            tape.run(2 * LONG)
        kept = tape.finish()
    assert [payload_of(p)[-3:] for p in kept if payload_of(p)] == [b"one", b"two"]


ETHER = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")


LAYERS: list[dict[str, Any]] = [
    {"network": lambda **a: IP(options=[IPOption_NOP()] * 40, **a)},
    {"network": IPv6, "addresses": SIX},
    {"network": lambda **a: IPv6(**a) / IPv6ExtHdrHopByHop(), "addresses": SIX},
    {
        "network": lambda **a: (
            IPv6(**a) / IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt() / IPv6ExtHdrFragment()
        ),
        "addresses": SIX,
    },
    {"under": ETHER / Dot1Q(vlan=101)},  # the kernel takes the outer tag out of the frame
    {"under": ETHER / Dot1Q(vlan=7) / Dot1Q(vlan=101)},
    {"under": ETHER / Dot1Q(vlan=7), "network": IPv6, "addresses": SIX},
]


def test_headers_are_kept_whole_whatever_they_are_made_of(home: Namespace, far: socket) -> None:
    frames = [
        Dialogue(source=40000 + number, **layers).frame(0, "S")
        for number, layers in enumerate(LAYERS)
    ]
    with recording(home) as tape:
        send(far, *frames)
        kept = tape.finish()
    assert [(p.data, p.length) for p in kept] == [(frame, len(frame)) for frame in frames]


@pytest.mark.parametrize("layers", [{}, LAYERS[4]])
@pytest.mark.parametrize("order", [1, -1])
def test_a_hello_in_fragments_is_put_together_and_cut(
    home: Namespace, far: socket, order: int, layers: dict[str, Any]
) -> None:
    talk = Dialogue(**layers)
    hello = b"\0\0\0\x19Hello Client fd3 calling\n"
    frames = talk.handshake()
    whole = talk.frame(0, "A", hello + MARKER * 9)
    with recording(home) as tape:
        send(far, *frames, *[bytes(one) for one in fragment(Ether(whole), 8)[::order]])
        send(far, *[bytes(one) for one in fragment(Ether(talk.frame(0, "A", BULK)), 480)])
        kept = tape.finish()
        lost = tape.count.lost
    assert lost == 0
    assert [p.data for p in kept if b"Hello" in p.data] == [
        bytes(Ether(whole))[: len(whole) - len(MARKER * 9)]
    ]


def test_a_tag_is_kept_on_the_sending_side_too(ends: list[Namespace], far: socket) -> None:
    syn = Dialogue(under=ETHER / Dot1Q(vlan=101, prio=5)).frame(0, "S")
    with recording(ends[1]) as tape:
        send(far, syn)
        (packet,) = tape.finish()
    assert packet.data == syn
    assert packet.direction == 2


def test_other_ports_and_protocols_are_passed_over(home: Namespace, far: socket) -> None:
    with recording(home, ports=[9102]) as tape:
        for port in (22, 9101, 9103, 9102):
            send(far, Dialogue(port).frame(0, "S"))
        send(
            far, bytes(ETHER / IP(src="192.0.2.1", dst="192.0.2.2", proto=17) / (b"\x23\x8e" * 20))
        )
        send(far, b"\xff" * 14, bytes(ETHER / IP(len=20)))
        kept = tape.finish()
        count = tape.count
    assert (count.seen, count.matched, len(kept)) == (7, 1, 1)


def test_what_a_full_ring_does_not_take_is_counted_as_lost(home: Namespace, far: socket) -> None:
    syn = Dialogue().frame(0, "A", b"\0\0\0\1")
    ports = (port.to_bytes(2, "big") for port in range(1024, 1024 + 1009))
    with recording(home, ring_bytes=1 << 16) as tape:
        send(far, *(syn[:34] + port + syn[36:] for port in ports))
        kept = tape.finish()
        count = tape.count
    assert count.matched == 1009
    assert 300 < len(kept) < 1009
    assert count.kept + count.lost == 1009


def test_of_what_a_full_flow_table_does_not_take_every_segment_is_kept_at_first(
    home: Namespace, far: socket
) -> None:
    with recording(home, max_flows=97) as tape:
        for number in range(101):
            send(far, *Dialogue(source=1024 + number).handshake())
        tape.finish()
        count = tape.count
    assert (count.matched, count.kept, count.lost) == (303, 303, 0)


def test_a_flood_of_syns_takes_half_of_the_ring_and_is_said(home: Namespace, far: socket) -> None:
    syn, late = Dialogue().frame(0, "S"), Dialogue(source=40002)
    ports = (port.to_bytes(2, "big") for port in range(1024, 1024 + 1009))
    with recording(home, ring_bytes=1 << 16) as tape:
        send(far, *(syn[:34] + port + syn[36:] for port in ports))
        send(far, *late.handshake(), late.frame(0, "A", b"\0\0\0\x0eHello Director"))
        kept = tape.finish()
        count = tape.count
    assert (count.lost, count.kept + count.withheld) == (0, 1013)
    assert 200 < len(kept) < 600
    assert sum(packet.data[34:36] == (40002).to_bytes(2, "big") for packet in kept) == 3


def test_half_open_flows_keep_no_connection_out(home: Namespace, far: socket) -> None:
    """Those that got a SYN-ACK and never an acknowledgement included."""
    early, late = Dialogue(source=40001), Dialogue(source=40002)
    with recording(home, max_flows=97) as tape:
        send(far, *early.handshake())
        for number in range(1009):
            send(far, *Dialogue(source=1024 + number).handshake()[:2])
        send(far, *late.handshake(), late.frame(0, "A", b"\0\0\0\x0eHello Director"))
        send(far, late.frame(0, "A", BULK), early.frame(0, "A", BULK), early.probe(0))
        kept = tape.finish()
        count = tape.count
    assert count.lost == 0
    assert sum(flags_of(packet) & SYN for packet in kept) == SYN * (2 * 1009 + 4)
    assert b"Hello Director" in b"".join(payload_of(packet) for packet in kept)


def test_a_flow_that_is_over_makes_room_for_another(
    home: Namespace, far: socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silences, "CLOSED_NS", 0)
    with recording(home, max_flows=1) as tape:
        first, second = Dialogue(), Dialogue(source=40002)
        send(far, *first.handshake(), first.frame(1, "RA"))
        tape.run(LONG)
        send(far, *second.handshake())
        kept = tape.finish()
        count = tape.count
    assert (len(kept), count.lost) == (7, 0)


def test_padding_of_short_frames_is_no_payload(home: Namespace, far: socket) -> None:
    talk = Dialogue()
    with recording(home) as tape:
        send(far, *talk.handshake(), talk.frame(0, "A", BULK))
        send(far, talk.frame(1) + bytes(6), talk.frame(1) + bytes(6), talk.frame(0, "A", BULK))
        probe = talk.probe(0) + bytes(6)
        send(far, probe)
        kept = tape.finish()
    assert probe[:54] in [p.data for p in kept]


def error(inner: bytes, kind: int, *, tag: bool = False) -> bytes:
    """Return an ICMP error of a router about the packet in the frame ``inner``."""
    quoted = inner[14:]
    body = bytes([kind, 1, 0, 0, 0, 0, 0, 0]) + quoted + MARKER
    under = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
    if tag:
        under = under / Dot1Q(vlan=7)
    if quoted[0] >> 4 == 6:
        return bytes(under / IPv6(src=SIX[1], dst=SIX[0], nh=58) / body)
    return bytes(under / IP(src="192.0.2.9", dst="192.0.2.1", proto=1) / body)


@pytest.mark.parametrize("tag", [False, True], ids=["plain", "tagged"])
@pytest.mark.parametrize(
    ("layers", "kind"),
    [({}, 3), ({}, 11), ({"network": IPv6, "addresses": SIX}, 1)],
    ids=["unreachable", "time exceeded", "ICMPv6"],
)
def test_icmp_errors_about_our_ports_are_kept_up_to_the_quoted_header(
    home: Namespace, far: socket, layers: dict[str, Any], kind: int, tag: bool
) -> None:
    syn = Dialogue(**layers).frame(0, "S")
    with recording(home) as tape:
        send(far, syn, error(syn, kind, tag=tag))
        kept = tape.finish()
        matched = tape.count.matched
    assert len(kept) == 2
    assert MARKER[:4] not in kept[1].data
    assert (9103).to_bytes(2, "big") in kept[1].data
    assert matched == 2


@pytest.mark.parametrize(("kind", "port"), [(0, 9103), (8, 9103), (3, 22)])
def test_other_icmp_messages_are_passed_over(
    home: Namespace, far: socket, kind: int, port: int
) -> None:
    syn = Dialogue(port=port).frame(0, "S")
    with recording(home) as tape:
        send(far, error(syn, kind))
        assert tape.finish() == []


def test_an_error_that_is_cut_short_is_passed_over(home: Namespace, far: socket) -> None:
    syn = Dialogue().frame(0, "S")
    with recording(home) as tape:
        send(far, *(error(syn, 3)[:size].ljust(60, b"\0") for size in range(34, 60)))
        kept = tape.finish()
    assert all(len(packet.data) <= 82 for packet in kept)


def test_repetitions_of_what_is_not_acknowledged_are_kept(home: Namespace, far: socket) -> None:
    talk = Dialogue()
    opening = [*talk.handshake(), talk.frame(0, "A", b"hello"), talk.frame(1)]
    lost = talk.frame(0, "A", BULK)
    with recording(home) as tape:
        send(far, *opening, lost)
        send(far, *(talk.frame(0, "A", BULK, shift=-len(BULK)) for _ in range(4)))
        kept = tape.finish()
    assert sum(len(payload_of(packet)) == 0 for packet in kept[-4:]) == 4
    assert len(kept) >= 8
