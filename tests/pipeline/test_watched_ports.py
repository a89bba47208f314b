"""Which ports of captures are looked at."""

from __future__ import annotations

import pytest

from auditor.errors import CaptureError
from auditor.packets.decode_as import rules_of
from auditor.pipeline.watched_ports import listening_ports, watched_ports
from auditor.site.model import Role

#: bareos.md §0.
DEFAULTS = {
    9101: Role.DIRECTOR,
    9102: Role.FILE_DAEMON,
    9103: Role.STORAGE_DAEMON,
    5432: Role.CATALOG,
}


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


def test_what_is_no_rule_for_a_port_is_refused_at_once() -> None:
    with pytest.raises(CaptureError, match="does not say how to decode a port"):
        watched_ports(None, {}, ["vxlan"])
