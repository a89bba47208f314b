"""What could not be decoded, by layer."""

from __future__ import annotations

from decoding import ethernet, ipv4, seen
from pcapfile import pcap

from auditor.packets.counters import LAYER_SLOTS, new_counters, note_undecoded
from auditor.packets.segments import HEADLESS, Undecoded
from auditor.packets.undecoded import (
    DAMAGED_IP,
    ETHERTYPE,
    IP_PROTOCOL,
    LINK_TYPE,
    PPP_PROTOCOL,
    add_undecoded,
    undecoded_layers,
)

FRAME = ethernet(b"data")


def layers(*frames: bytes, link: int = 1) -> tuple[Undecoded, ...]:
    return seen([pcap([(0, frame) for frame in frames], link=link)])[1].layers


def changed(frame: bytes, **octets: int) -> bytes:
    made = bytearray(frame)
    for at, value in octets.items():
        made[int(at.removeprefix("at"))] = value
    return bytes(made)


def test_what_is_decoded_or_known_to_hold_no_tcp_is_not_counted() -> None:
    assert layers(FRAME, bytes(12) + b"\x08\x06" + bytes(28)) == ()


def test_an_unknown_link_type_is_named() -> None:
    assert layers(FRAME, FRAME, link=147) == (Undecoded("link type 147", 2, may_hold=True),)


def test_a_runt_that_was_one_on_the_wire_can_hold_nothing_and_one_that_was_cut_can() -> None:
    runts = "frames that end inside their headers"
    assert layers(FRAME[:13], FRAME[:20]) == (Undecoded(runts, 2, may_hold=False),)
    cut = pcap([(0, FRAME)], snaplen=20)
    name = "headers that were cut by the recorder"
    assert seen([cut])[1].layers == (Undecoded(name, 1, may_hold=True, cut=True),)


def test_a_damaged_header_of_another_protocol_can_hold_nothing() -> None:
    longer = changed(FRAME, at16=0xFF)
    assert [one.may_hold for one in layers(longer)] == [True]
    assert [one.may_hold for one in layers(changed(longer, at23=17))] == [False]


def test_a_damaged_tcp_header_is_named() -> None:
    assert layers(changed(FRAME, at46=0x10)) == (
        Undecoded("damaged TCP headers", 1, may_hold=False),
    )


def test_layers_are_in_order_of_their_packets_and_no_more_than_there_is_room_for() -> None:
    counters = new_counters()
    for number in range(LAYER_SLOTS + 5):
        for _ in range(1 + (number == 7)):
            note_undecoded(counters, ETHERTYPE | 0x9000 + number)
    found = undecoded_layers(counters)
    assert found[0] == Undecoded("EtherType 0x9007", 2, may_hold=True)
    assert found[-1] == Undecoded("other layers", 5, may_hold=True)
    assert len(found) == LAYER_SLOTS + 1


def test_every_family_has_a_name_for_its_numbers() -> None:
    counters = new_counters()
    for key in (IP_PROTOCOL | 250, LINK_TYPE | 250, PPP_PROTOCOL | 0x55, DAMAGED_IP):
        note_undecoded(counters, key)
    names = [one.layer for one in undecoded_layers(counters)]
    assert names == sorted(
        ["IP protocol 250", "link type 250", "PPP protocol 0x0055", "damaged IP headers"]
    )


def test_counters_of_one_packet_are_added() -> None:
    counters, other = new_counters(), new_counters()
    for _ in range(3):
        note_undecoded(counters, LINK_TYPE | 5)
    note_undecoded(other, LINK_TYPE | 5)
    add_undecoded(counters, other)
    assert undecoded_layers(counters) == (Undecoded("link type 5", 4, may_hold=True),)


def test_of_an_ip_header_that_was_cut_the_layer_is_told() -> None:
    packet = bytes(ipv4(b"data"))
    assert layers(packet[:12], link=101)[0].layer == "frames that end inside their headers"


def test_what_a_thinned_capture_says_of_the_full_one_counts_if_there_is_such_a_layer() -> None:
    told = [
        (3, "headers that were cut by the recorder"),
        (9, "link type 195 (IEEE 802.15.4)"),
        (4, HEADLESS.layer),
        (2, "EtherType 0x1234"),
        (8, "the host secret.example"),
        (1, "link type 1 (secret)"),
    ]
    found = undecoded_layers(new_counters(), told)
    assert [(one.packets, one.layer) for one in found] == [told[1], told[2], told[0], told[3]]
    assert [one.cut for one in found] == [False, False, True, False]
    assert all(one.may_hold for one in found)
