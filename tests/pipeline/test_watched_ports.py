"""Which ports of captures are looked at."""

from __future__ import annotations

import re

import pytest

from auditor.errors import CaptureError
from auditor.packets.decode_as import rules_of, same_network_of
from auditor.packets.named_networks import NO_NUMBER, UNNAMED, words_of
from auditor.packets.network_words import network_number
from auditor.pipeline.watched_ports import listening_ports, watched_ports
from auditor.site.model import Role
from auditor.site.same_network import NETWORK

#: bareos.md §0.
DEFAULTS = {
    9101: Role.DIRECTOR,
    9102: Role.FILE_DAEMON,
    9103: Role.STORAGE_DAEMON,
    5432: Role.CATALOG,
}


NAMES = ("VLAN", "VNI", "VSID", "I-SID", "GRE key", "mirrored VLAN")


def test_without_a_configuration_the_default_ports_are_looked_at() -> None:
    assert listening_ports(None, {}) == DEFAULTS


def test_a_port_that_is_given_comes_on_top() -> None:
    assert listening_ports(None, {"director": 9999}) == {**DEFAULTS, 9999: Role.DIRECTOR}


def test_a_port_that_is_given_has_the_last_word_on_its_role() -> None:
    assert listening_ports(None, {"storage daemon": 9102})[9102] is Role.STORAGE_DAEMON


def test_a_role_that_does_not_accept_is_refused() -> None:
    with pytest.raises(ValueError, match="printer"):
        listening_ports(None, {"printer": 1})


def test_ports_of_tunnels_go_with_them_to_whatever_reads_captures() -> None:
    ports = watched_ports(None, {}, ["udp.port==8473,vxlan"])
    assert (ports, rules_of(ports)) == (DEFAULTS, ("udp.port==8473,vxlan",))
    assert rules_of(watched_ports(None, {}, [])) == ()


def test_networks_that_are_one_go_with_them_too() -> None:
    same = [["VLAN 10", "no VLAN"]]
    ports = watched_ports(None, {}, [], same)
    assert (ports, rules_of(ports), same_network_of(ports)) == (
        DEFAULTS,
        (),
        tuple(map(tuple, same)),
    )
    assert same_network_of(watched_ports(None, {}, ["udp.port==8473,vxlan"])) == ()


@pytest.mark.parametrize(
    ("words", "known"),
    [
        *((words_of([(name, 7)]), True) for name in NAMES),
        (words_of([("VLAN", 4095), ("VNI", 16_777_215), ("GRE key", 4_294_967_295)]), True),
        *((words, True) for words in (NO_NUMBER, f"{UNNAMED}8a31")),
        *((words, False) for words in ("VLAN 007", "no VLAN VLAN 7", f"{UNNAMED}8a312", "vlan 7")),
    ],
)
def test_a_site_file_calls_networks_as_frames_do(words: str, known: bool) -> None:
    assert (network_number(words) is not None) is known
    assert (re.fullmatch(NETWORK, words) is not None) is known


def test_what_is_no_rule_for_a_port_is_refused_at_once() -> None:
    with pytest.raises(CaptureError, match="does not say how to decode a port"):
        watched_ports(None, {}, ["vxlan"])
