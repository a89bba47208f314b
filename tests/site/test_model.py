"""What an expectation is called, and where it comes from."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest
from site_of import at, ids, row, site_of

from auditor.config.resources import Source
from auditor.judge.tables.expectations import expectation_row
from auditor.site.heartbeat import Heartbeat
from auditor.site.model import Expectation, Lan, Peer, Permission, Role, Target, TlsPolicy


def made(initiator: str = "fd1", acceptor: str = "sd1", **facts: object) -> Expectation:
    """An expectation of connection 6, every fact of which has a line of its own."""
    row = Expectation(
        connection="6",
        initiator=Peer(Role.FILE_DAEMON, initiator),
        acceptor=Peer(Role.STORAGE_DAEMON, acceptor),
        target=Target("10.0.0.20", frozenset({"10.0.0.20"}), 9103, Source("target", 2)),
        permission=Permission.ALLOWED,
        permission_source=Source("permission", 1),
        heartbeat=Heartbeat(30, Source("heartbeat", 3)),
        tls=TlsPolicy.REQUIRED,
        tls_source=Source("tls", 7),
        resources=(Source("resource", 6), Source("target", 2)),
        lan=Lan(True, (Source("lan", 4), Source("lan", 5))),
    )
    return replace(row, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, "6:fd1>sd1"),
        ({"initiator": ""}, "6:*>sd1"),
        ({"acceptor": ""}, "6:fd1>*"),
        ({"label": "store"}, "6:fd1>sd1(store)"),
        ({"label": "sd1"}, "6:fd1>sd1"),
        ({"label": "sd1,store"}, "6:fd1>sd1(sd1,store)"),
        ({"label": "fd1,sd1"}, "6:fd1>sd1"),
        ({"serial": 2}, "6:fd1>sd1#2"),
        ({"label": "store", "serial": 3}, "6:fd1>sd1(store)#3"),
    ],
)
def test_an_id_says_number_ends_and_what_else_tells_it_apart(
    facts: dict[str, object], expected: str
) -> None:
    assert made(**facts).id == expected


def test_its_sources_are_those_of_its_facts_once_each_and_in_order() -> None:
    shown = [str(source) for source in made().sources]
    assert shown == ["permission:1", "target:2", "heartbeat:3", "lan:4", "lan:5", "resource:6"]


def test_a_fact_without_a_source_adds_none() -> None:
    bare = made(permission_source=None, heartbeat=Heartbeat(), lan=Lan(), resources=())
    assert [str(source) for source in bare.sources] == ["target:2"]


TRAY = """
Monitor { Name = mon; Password = monpw }
Client { Name = fd; Address = 10.0.0.31; Password = fdpw }
"""
TWO_TRAYS = {f"{host}/tray-monitor.conf": TRAY for host in ("a", "b")}


def test_rows_that_would_share_an_id_are_numbered(tmp_path: Path) -> None:
    site = site_of(tmp_path, TWO_TRAYS)
    assert ids(site, "10")[:2] == ["10:mon>fd", "10:mon>fd#2"]
    assert at(row(site, "10:mon>fd#2").target.source) == "b:3"


def test_the_second_of_two_rows_keeps_its_id_when_the_first_is_left_out(tmp_path: Path) -> None:
    """A socket is held against the rows of one process only."""
    site = site_of(tmp_path, TWO_TRAYS)
    some = replace(site, expectations=site.expectations[1:])
    assert "10:mon>fd#2" in [row.id for row in some.expectations]


def test_every_fact_is_written_once() -> None:
    """One value a fact: nothing that another field already says is a field of its own."""
    names = {field.name for field in fields(Expectation)}
    assert names.isdisjoint({"id", "sources", "address", "addresses", "port"})
    shown = expectation_row(made(), {})
    assert (shown["id"], shown["port"]) == ("6:fd1>sd1", 9103)
    assert shown["sources"][0] == "permission:1"
