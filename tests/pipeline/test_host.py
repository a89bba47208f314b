"""This host's sockets: which end each is, what it is, and whether its timers are those due."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scene import CON, DIR, FD1, SD1, SD2, edited, network, planted

from auditor.judge.tables.table import Row
from auditor.packets.pcapng_comments import SocketFact
from auditor.pipeline.host import judge_sockets
from auditor.pipeline.network import Network, load_network


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Network:
    return load_network(config=planted(tmp_path_factory.mktemp("host"), network()), resolve=False)


def fact(
    local: tuple[str, int], remote: tuple[str, int], idle: int | None = None, **changes: Any
) -> SocketFact:
    """Return a socket with a TCP_KEEPIDLE of its own, or on the system's timers."""
    known: dict[str, Any] = {
        "time": 1, "local": local, "remote": remote, "state": "ESTABLISHED", "keepalive": True,
        "idle_s": 7200 if idle is None else idle, "interval_s": 75 if idle is None else idle,
        "count": 9, "own_timers": idle is not None, "pid": 7, "process": "bareos-dir",
    }  # fmt: skip
    return SocketFact(**{**known, **changes})


def listening(address: str, port: int) -> SocketFact:
    return fact((address, port), ("0.0.0.0", 0), state="LISTEN")


def judged(site: Network, *facts: SocketFact) -> list[Row]:
    return list(judge_sockets(facts, site).rows())


def test_a_socket_that_only_listens_has_no_row(site: Network) -> None:
    assert judged(site, listening("0.0.0.0", 9101)) == []


@pytest.mark.parametrize(
    ("idle", "verdict", "severity"),
    [(60, "pass", ""), (61, "fail", "medium"), (None, "fail", "medium")],
    ids=["as configured", "another", "the system's"],
)
def test_the_initiators_socket_must_have_the_heartbeat_due(
    site: Network, idle: int | None, verdict: str, severity: str
) -> None:
    """bareos.md §1.0: the timers are set before the SYN; §1.2: the Director's 60 s hold for 5a."""
    (row,) = judged(site, fact((DIR, 40001), (SD1, 9103), idle))
    assert (row["connection"], row["side"], row["verdict"]) == ("5a", "initiator", verdict)
    assert (row["heartbeat_s"], row["severity"]) == (60, severity)
    assert row["heartbeat_source"].endswith("bareos-dir.conf:2")


def test_the_acceptors_socket_is_not_judged(site: Network) -> None:
    """bareos.md §1.0: an acceptor never sets an interval."""
    both = listening(SD1, 9103), fact((SD1, 9103), (DIR, 40001), process="bareos-sd")
    (row,) = judged(site, *both)
    assert (row["connection"], row["side"], row["verdict"]) == ("5a", "acceptor", "notapplicable")
    assert row["reason"] == "only the initiator's socket carries the HeartbeatInterval"


@pytest.mark.parametrize(
    ("facts", "side"),
    [
        ([fact((DIR, 40001), (SD1, 9103))], "initiator"),
        ([fact((DIR, 9101), (CON, 40001))], "acceptor"),
        ([fact((DIR, 9101), (SD1, 9103))], "initiator"),
        ([listening(DIR, 9101), fact((DIR, 9101), (SD1, 9103))], "acceptor"),
        ([listening(DIR, 9101), fact((DIR, 9101), (CON, 40001))], "acceptor"),
    ],
    ids=["remote port known", "local port known", "both known", "both, one listens", "listens"],
)
def test_whoever_listens_on_a_port_did_not_dial_from_it(
    site: Network, facts: list[SocketFact], side: str
) -> None:
    """Without a listening socket the ephemeral port tells the initiator (bareos.md §9.3)."""
    (row,) = judged(site, *facts)
    assert row["side"] == side


@pytest.mark.parametrize(
    ("listens", "confidence"), [([], "guess"), ([listening(DIR, 9102)], "certain")]
)
def test_only_a_listening_socket_makes_it_certain_that_the_other_end_dialled(
    site: Network, listens: list[SocketFact], confidence: str
) -> None:
    (row,) = judged(site, *listens, fact((DIR, 9102), (CON, 40001)))
    assert (row["side"], row["connection"], row["confidence"]) == ("acceptor", "", confidence)


@pytest.mark.parametrize(
    ("process", "connection", "confidence"),
    [
        ("bareos-dir", "5a", "likely"),
        ("bareos-fd", "6", "likely"),
        ("bareos-sd", "8", "likely"),
        ("sshd", "", "guess"),
        # Consoles and monitors dial from anywhere, so may a stranger's program of that name (§1.8).
        ("bareos-tray-mon", "", "certain"),
    ],
)
def test_the_process_tells_numbers_apart_that_end_at_one_port(
    tmp_path: Path, process: str, connection: str, confidence: str
) -> None:
    """bareos.md §3.5: where one host has all daemons its address tells nothing, and before a
    hello only the process does."""
    files = network(dir=edited("dir", FD1, DIR).replace(SD1, DIR))
    known = load_network(config=planted(tmp_path, files), resolve=False)
    (row,) = judged(known, fact((DIR, 40001), (SD2, 9103), process=process))
    assert (row["connection"], row["confidence"]) == (connection, confidence)


def test_rows_are_in_order_of_the_remote_end_and_keep_their_facts(site: Network) -> None:
    rows = judged(
        site,
        fact((DIR, 40003), (SD2, 9103), 60, pid=0, heard_s=1.5),
        fact((DIR, 40002), (FD1, 9102), 60, pid=8),
        fact((DIR, 40001), (SD1, 9103), 60, pid=9),
    )
    assert [(row["connection"], row["local_port"], row["pid"]) for row in rows] == [
        ("5a", 40001, 9),
        ("5a", 40003, None),
        ("3", 40002, 8),
    ]
    assert [row["heard_s"] for row in rows] == [None, 1.5, None]


def test_a_waiver_covers_the_fail_and_leaves_it_visible(tmp_path: Path) -> None:
    config = planted(tmp_path / "config", network())
    (tmp_path / "site.yaml").write_text(
        "waivers: [{rule: socket-heartbeat-wrong, daemon: dir, until: 2999-01-01, reason: known}]"
    )
    known = load_network(config=config, site=tmp_path / "site.yaml", resolve=False)
    (row,) = judged(known, fact((DIR, 40001), (SD1, 9103)))
    assert (row["verdict"], row["waived"]) == ("fail", "known")


def test_without_a_configuration_no_heartbeat_is_known() -> None:
    (row,) = judged(load_network(), fact((DIR, 40001), (SD1, 9103)))
    assert (row["heartbeat_s"], row["heartbeat_source"]) == (None, "")
    assert row["verdict"] in {"unknown", "notapplicable"}
