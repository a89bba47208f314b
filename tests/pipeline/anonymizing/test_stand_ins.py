"""Values stand for others of their kind, one to one."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.evidence.anonymizing.address_map import AddressMap
from auditor.evidence.anonymizing.pseudonyms import Pseudonyms
from auditor.pipeline.anonymizing.stand_ins import StandIns
from auditor.site.resolver import canonical

STAND_INS = StandIns(b"a key")


@pytest.mark.parametrize("written", ["203.0.113.7", "2001:db8::7", "::ffff:203.0.113.7"])
def test_an_address_is_what_it_is_in_captures(written: str) -> None:
    assert STAND_INS.address(written) == AddressMap(b"a key").text(written) != written


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("10.1", "10.0.0.1"),
        ("0x0a000001", "10.0.0.1"),
        ("167772161", "10.0.0.1"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("fe80::7%eth0", "fe80::7"),
    ],
)
def test_an_address_in_another_spelling_is_the_same(written: str, meant: str) -> None:
    assert STAND_INS.address(written) == STAND_INS.address(meant)


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST", "localhost.localdomain", "::1"])
def test_what_a_host_calls_itself_stays(name: str) -> None:
    assert STAND_INS.address(name) == name.lower()


@pytest.mark.parametrize(
    "name", ["fd1", "db.example.org", "10.0.0.1:9102", "1.2.3.4.5", "a b", "é"]
)
def test_a_host_name_is_no_address_and_no_other(name: str) -> None:
    made = STAND_INS.address(name)
    assert made != name
    assert canonical(made) is None
    assert (
        made
        == STAND_INS.address(name.upper())
        == Pseudonyms(b"a key").host(name.lower().encode()).decode()
    )


@settings(deadline=None, max_examples=60)
@given(st.ip_addresses(), st.integers(0, 32))
def test_a_network_holds_what_stands_for_its_addresses(address: object, size: int) -> None:
    network = ip_network(f"{address}/{size}", strict=False)
    assert ip_address(STAND_INS.address(str(address))) in ip_network(STAND_INS.network(network))


def test_a_path_keeps_its_depth_only() -> None:
    made = STAND_INS.path("/var/run/postgresql")
    assert made.startswith("/")
    assert [len(part) for part in made.split("/")] == [0, 3, 3, 10]
    assert not {"var", "run", "postgresql"} & {*made.split("/")}


def test_a_password_is_not_made_by_the_key_of_names(monkeypatch: pytest.MonkeyPatch) -> None:
    before = STAND_INS.password("secret", clear=False)
    assert before == StandIns(b"a key").password("secret", clear=True) != "secret"
    monkeypatch.setattr("auditor.config.passwords._KEY", b"of another process")
    assert StandIns(b"a key").password("secret", clear=False) != before


@pytest.mark.parametrize("text", ["", "[md5]d41d8cd98f00b204e9800998ecf8427e"])
def test_no_password_is_none(text: str) -> None:
    assert not STAND_INS.password(text, clear=False)
