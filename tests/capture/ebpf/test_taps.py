"""How the filter gets onto interfaces: before any packet, and onto none that is not understood."""

from __future__ import annotations

import struct
from types import SimpleNamespace

import pytest

from auditor.capture.ebpf import taps
from auditor.capture.ebpf.taps import open_tap, open_taps
from auditor.errors import CaptureError
from auditor.evidence.packet import Interface

ETHERNET, RAW = 1, 101
#: Interface: (its index, its device type by linux/if_arp.h).
MACHINE = {"lo": (1, 772), "eth0": (2, 1), "tun0": (3, 65534), "ib0": (4, 32), "wg0": (5, 65534)}


class Machine:
    """Packet sockets of a machine, and what was done with them."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.open: list[str] = []
        self.refuses = ""

    def socket(self, family: str, kind: str, protocol: int) -> SimpleNamespace:
        assert (family, kind, protocol) == ("AF_PACKET", "SOCK_RAW", 0), "0: it receives nothing"
        made = SimpleNamespace(name="?")

        def setsockopt(level: object, option: int, value: object) -> None:
            if level == 263:
                index, what, *_ = struct.unpack("IHH8s", value)
                assert option == what == 1, "PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC"
                self.steps.append(f"promiscuous {index}")
            else:
                assert (level, option) == ("SOL_SOCKET", 50)
                self.steps.append(f"filter {value}")

        def bind(address: tuple[str, int]) -> None:
            made.name, protocol = address
            assert protocol == 3, "ETH_P_ALL"
            self.steps.append(f"bind {made.name}")
            self.open.append(made.name)
            if made.name == self.refuses:
                raise OSError(100, "Network is down")

        made.setsockopt, made.bind = setsockopt, bind
        made.getsockname = lambda: (made.name, 3, 0, MACHINE[made.name][1], b"")
        made.close = lambda: self.open.remove(made.name) if made.name != "?" else None
        return made

    def if_nametoindex(self, name: str) -> int:
        if name not in MACHINE:
            raise OSError(19, "No such device")
        return MACHINE[name][0]


@pytest.fixture
def machine(monkeypatch):
    machine = Machine()
    names = {name: name for name in ("AF_PACKET", "SOCK_RAW", "SOL_SOCKET")}
    double = SimpleNamespace(**names, socket=machine.socket, if_nametoindex=machine.if_nametoindex)
    monkeypatch.setattr(taps, "socket", double)
    monkeypatch.setattr(taps, "present", lambda: list(MACHINE))
    return machine


def test_the_filter_is_attached_before_the_socket_is_bound(machine):
    open_tap("eth0", 9, promiscuous=True)
    assert machine.steps == ["filter 9", "bind eth0", "promiscuous 2"]


@pytest.mark.parametrize(
    ("name", "link", "header"), [("eth0", ETHERNET, 14), ("lo", ETHERNET, 14), ("tun0", RAW, 0)]
)
def test_what_a_packet_begins_with_follows_from_the_type_of_the_device(machine, name, link, header):
    tap = open_tap(name, 9, promiscuous=False)
    assert tap is not None
    assert (tap.interface, tap.index, tap.header) == (
        Interface(name, link),
        MACHINE[name][0],
        header,
    )
    assert machine.open == [name]


def test_only_what_has_stations_beside_it_is_made_promiscuous(machine):
    open_taps(("lo", "tun0", "eth0"), 9)
    assert [step for step in machine.steps if "promiscuous" in step] == ["promiscuous 2"]


def test_any_is_all_that_is_understood_and_nothing_becomes_promiscuous(machine):
    opened = open_taps(("any",), 9)
    assert [tap.interface.name for tap in opened] == ["lo", "eth0", "tun0", "wg0"] == machine.open
    assert not any("promiscuous" in step for step in machine.steps)


def test_an_interface_that_is_named_twice_is_opened_once(machine):
    assert [tap.index for tap in open_taps(("eth0", "lo", "eth0"), 9)] == [2, 1]
    assert machine.open == ["eth0", "lo"]


@pytest.mark.parametrize(
    ("names", "refuses", "sentence"),
    [
        (("eth0", "ib0"), "", "interface ib0 is neither Ethernet nor plain IP"),
        (("eth0", "eth9"), "", "interface eth9 cannot be captured from: No such device"),
        (("eth0", "lo"), "lo", "interface lo cannot be captured from: Network is down"),
        (("any",), "wg0", "interface wg0 cannot be captured from: Network is down"),
    ],
)
def test_one_that_fails_is_named_and_none_stays_open(machine, names, refuses, sentence):
    machine.refuses = refuses
    with pytest.raises(CaptureError, match=sentence):
        open_taps(names, 9)
    assert machine.open == []
