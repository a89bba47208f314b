"""What could not be decoded hides only what it can have held: of these hosts, at that time."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from auditor.judge.not_decoded import NotDecoded
from auditor.packets.segments import HEADS_CUT, CaptureInfo, Undecoded, UndecodedRun

SECOND = 1_000_000_000
A, B, STRANGER, OTHER = "192.0.2.1", "192.0.2.2", "192.0.2.66", "192.0.2.67"
WINDOW = 35 * SECOND
LAST = 100
ESP, DAMAGED, COMPRESSED = "ESP", "damaged IP headers", "compressed PPP"


def run(
    source: str, target: str, *seconds: float, layer: str = ESP, packets: int = 1
) -> UndecodedRun:
    first, last = round(min(seconds) * SECOND), round(max(seconds) * SECOND)
    return UndecodedRun(source, target, layer, first, last, packets)


def held(*runs: UndecodedRun, layers: tuple[Undecoded, ...] = ()) -> NotDecoded:
    info = CaptureInfo("a", "pcap", "file", "Ethernet", first=0, last=LAST * SECOND)
    counted = tuple(Undecoded(one.layer, one.packets, may_hold=True) for one in runs)
    return NotDecoded(replace(info, runs=runs, layers=(*joined_layers(counted), *layers)))


def joined_layers(counted: tuple[Undecoded, ...]) -> tuple[Undecoded, ...]:
    found = Counter[str]()
    for one in counted:
        found[one.layer] += one.packets
    return tuple(Undecoded(name, count, may_hold=True) for name, count in found.items())


def may_be(*runs: UndecodedRun) -> str:
    return held(*runs).may_be({A}, {B}, WINDOW)


# ------------------------------------------------------------------ a connection


def test_what_passed_between_the_two_may_have_been_a_connection() -> None:
    """Either it was there throughout, or it began, or ended, with more than a packet or two."""
    said = f"2 packets between {A} and {B} that could not be decoded (ESP) may have held it"
    assert may_be(run(A, B, 34), run(B, A, 66)) == said
    assert may_be(run(A, B, 70, 71, packets=3), run(B, A, 70, packets=2))


@pytest.mark.parametrize(
    "runs",
    [
        [run(A, B, 50)],
        [run(A, B, 50), run(B, A, 51, packets=3)],
        [run(A, B, 1), run(B, A, 2), run(A, B, 90), run(B, A, 91)],
        [run(A, B, n, layer=DAMAGED) for n in (10, 60)],
    ],
    ids=["one", "a few", "none for two heartbeats", "none for one and a half"],
)
def test_too_little_is_no_connection(runs: list[UndecodedRun]) -> None:
    assert may_be(*runs) == ""


def test_what_a_stranger_sends_in_a_tunnel_may_hold_anything_and_else_only_what_is_his() -> None:
    tunnel = [run(STRANGER, OTHER, n, layer=ESP) for n in range(0, LAST, 30)]
    said = "4 packets between 192.0.2.66 and 192.0.2.67 that could not be decoded (ESP) may have"
    assert may_be(*tunnel).startswith(said)
    assert not may_be(*[run(STRANGER, OTHER, n, layer=DAMAGED) for n in range(0, LAST, 5)])
    assert not may_be(*[run(A, OTHER, n, layer=HEADS_CUT.layer) for n in range(0, LAST, 5)])


def test_packets_of_several_layers_or_tunnels_are_not_of_one_connection() -> None:
    layers = ["ESP", "MACsec", "IP protocol 250", "EtherType 0x9000", "IP protocol 251"]
    assert not may_be(*[run("", "", 50, layer=one) for one in layers])
    assert not may_be(*[run(STRANGER, f"192.0.2.{n}", 50) for n in range(100, 120)])
    assert may_be(*[run("", "", 50 + n, layer="MACsec") for n in range(5)]).startswith("5 packets ")


def test_between_two_hosts_layers_count_together() -> None:
    layers = ["ESP", DAMAGED, HEADS_CUT.layer, "IP protocol 250", "IP protocol 251"]
    said = may_be(*[run(A, B, 50, layer=one) for one in layers])
    assert "(ESP, IP protocol 250, IP protocol 251 and 2 more)" in said


def test_whose_acceptor_may_be_anywhere_may_have_dialled_any_host() -> None:
    runs = [run(A, OTHER, n, layer=DAMAGED) for n in range(0, LAST, 30)]
    assert held(*runs).may_be({A, "::1"}, (), WINDOW)
    assert held(*[one._replace(source=OTHER, target=A) for one in runs]).may_be({A}, (), WINDOW)
    assert not held(*runs).may_be({A}, {B}, WINDOW)


def test_of_what_nothing_tells_when_it_passed_it_may_have_been_at_any_time() -> None:
    """As in evidence of before: one packet alone is no connection."""
    for count, said in ((1, ""), (2, "2 packets that could not be decoded (WireGuard) may have")):
        layers = (Undecoded("WireGuard", count, may_hold=True),)
        assert held(layers=layers).may_be({A}, {B}, WINDOW)[: len(said) or None] == said
    known = run(STRANGER, OTHER, 50, packets=3)
    assert held(known, layers=()).may_be({A}, {B}, WINDOW) == ""


def test_a_heartbeat_tells_how_long_a_connection_is_silent() -> None:
    runs = [run("", "", 30, layer="MACsec"), run("", "", 80, layer="MACsec")]
    assert not held(*runs).may_be({A}, {B}, WINDOW)
    assert held(*runs).may_be({A}, {B}, 2 * WINDOW)


# ------------------------------------------------------------------ a silence


def unheard(*runs: UndecodedRun, begin: float = 10, end: float = 90) -> float:
    found = held(*runs).longest_unheard(A, B, round(begin * SECOND), round(end * SECOND))
    return found / SECOND


def test_a_silence_is_broken_where_something_of_the_peer_passed() -> None:
    assert unheard() == 80
    assert unheard(run(B, A, 40)) == 50
    assert unheard(run(B, A, 40), run(B, A, 35, 50, layer=DAMAGED)) == 40
    assert unheard(run(B, A, 5, 95)) == 0
    assert unheard(run(B, A, 5, 20), run(B, A, 85, 99)) == 65
    assert unheard(run(B, A, 5), run(B, A, 95)) == 80


@pytest.mark.parametrize(
    "one",
    [run(A, B, 40), run(STRANGER, A, 40), run(B, STRANGER, 40), run("", "", 40, layer="MACsec")],
    ids=["its own", "a stranger's", "to a stranger", "of another link"],
)
def test_nothing_else_breaks_it(one: UndecodedRun) -> None:
    assert unheard(one) == 80


def test_what_changes_from_packet_to_packet_breaks_it_whosever_it_is() -> None:
    """PPP compresses what it likes: packets of one connection are some so and some other."""
    found = held(run("", "", 40, layer=COMPRESSED), run("", "", 45, layer=ESP))
    assert found.longest_unheard(A, B, 0, LAST * SECOND) == 60 * SECOND
    assert found.came(A, B, 39 * SECOND, 41 * SECOND)
    assert not found.came(A, B, 41 * SECOND, 60 * SECOND)
    assert found.layers_to(A, B) == COMPRESSED
