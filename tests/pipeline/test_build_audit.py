"""From tracked captures and a network to the tables of an audit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from matching_site import expectation_of, flow_of, site_with, spoken
from scene import (
    DIR,
    DIRECTOR,
    FD1,
    SD1,
    STRANGER,
    Wire,
    audit,
    cleartext,
    failed,
    network,
    planted,
)

from auditor.flows.flow import Outcome
from auditor.judge.matching.match import Match
from auditor.packets.segments import CaptureInfo
from auditor.pipeline.build_audit import build_audit, expected_heartbeat
from auditor.pipeline.expected_connections import expected_connections
from auditor.pipeline.network import Network, load_network
from auditor.pipeline.track_capture import TrackedCapture
from auditor.site.heartbeat import Heartbeat
from auditor.site.model import Peer, Role

INFO = CaptureInfo("a.pcap", "pcap", "file", "Ethernet", first=0, last=10_000_000_000)


def tracked(*ends: tuple[str, str, int], info: CaptureInfo = INFO) -> TrackedCapture:
    flows = [flow_of(*end, index=index) for index, end in enumerate(ends)]
    return TrackedCapture(info, tuple(flows), ())


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Network:
    config = planted(tmp_path_factory.mktemp("build"), network())
    return load_network(config=config, resolve=False)


def test_flows_are_numbered_through_all_captures(known: Network) -> None:
    second = replace(INFO, name="b.pcap")
    audit = build_audit(
        [tracked((DIR, FD1, 9102), (DIR, SD1, 9103)), tracked((DIR, FD1, 9102), info=second)],
        known,
    )
    rows = audit.tables["flows"].rows()
    assert [(row["id"], row["capture"], row["connection"]) for row in rows] == [
        ("f1", "a.pcap", "3"),
        ("f2", "a.pcap", "5a"),
        ("f3", "b.pcap", "3"),
    ]
    assert audit.tables["captures"].values("name") == ["a.pcap", "b.pcap"]


def test_flows_of_which_all_is_equal_share_what_is_expected_of_them(
    known: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Match] = []

    def note(match: Match, _: object) -> Heartbeat:
        asked.append(match)
        return Heartbeat()

    monkeypatch.setattr("auditor.pipeline.build_audit.expected_heartbeat", note)
    build_audit([tracked(*[(DIR, FD1, 9102), (DIR, SD1, 9103)] * 50)], known)
    assert {match.connection for match in asked} == {"3", "5a"}
    assert len(asked) < 20


def test_an_expectation_is_exercised_by_a_flow_that_matches_it(known: Network) -> None:
    table = build_audit([tracked((DIR, FD1, 9102))], known).tables["expectations"]
    assert [row["id"] for row in table.rows() if row["exercised"]] == ["3:dir>fd1"]


@pytest.mark.parametrize("flags", ["A", "R", "PA", "FA"])
@pytest.mark.parametrize("ends", [("10.0.0.33", DIR, 9101), (STRANGER, SD1, 9103)])
def test_a_packet_of_one_end_neither_is_a_connection_nor_tells_where_the_tap_is(
    ends: tuple[str, str, int], flags: str, tmp_path: Path
) -> None:
    tape = Wire().attempt("10.0.0.33", SD1, 9103).silence(20)
    tape.midstream(*ends).segment(tape.initiator, flags, b"x" if "P" in flags else b"")
    result = audit(tmp_path, tape.silence(40).other())
    assert "expected-connection-unseen" in set(result.findings["rule"])


@pytest.mark.parametrize(
    ("seconds", "ends", "opportunity", "reason"),
    [
        (90, (FD1, SD1, 9103), False, "nothing of its host was captured"),
        (90, ("10.0.0.33", SD1, 9103), True, ""),
        (30, ("10.0.0.33", SD1, 9103), False, "the capture is shorter than its heartbeat of 30 s"),
    ],
    ids=["another host", "its host", "too short"],
)
def test_a_required_connection_had_to_show_itself_or_not(
    known: Network, seconds: int, ends: tuple[str, str, int], opportunity: bool, reason: str
) -> None:
    """bareos.md §6.4: a waiting 4 shows itself by its probes only, and fd3 probes every 30 s."""
    info = replace(INFO, last=seconds * 1_000_000_000)
    table = build_audit([tracked(ends, info=info)], known).tables["expectations"]
    (row,) = (row for row in table.rows() if row["permission"] == "required")
    assert (row["connection"], row["opportunity"], row["opportunity_reason"]) == (
        "4",
        opportunity,
        reason,
    )


def test_a_refused_attempt_is_excused_by_one_at_another_address(tmp_path: Path) -> None:
    """bareos.md §9.8: every address of a name is tried in turn."""
    (tmp_path / "site.yaml").write_text("daemons: {file daemon fd1: {addresses: [192.0.2.31]}}")
    config = planted(tmp_path / "config", network())
    two = load_network(config=config, site=tmp_path / "site.yaml", resolve=False)
    refused = flow_of(DIR, "192.0.2.31", 9102, outcome=Outcome.REFUSED)
    reached = spoken(flow_of(DIR, FD1, 9102, started=1, index=1))
    table = build_audit([TrackedCapture(INFO, (refused, reached), ())], two).tables["flows"]
    assert table.values("reached_otherwise") == [True, False]


def test_problems_of_the_configuration_and_of_waivers_are_in_the_audit(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(
        "waivers: [{rule: no-such-rule, until: 2999-01-01, reason: x}]"
    )
    config = planted(tmp_path / "config", network(fd1=None))
    audit = build_audit([], load_network(config=config, site=tmp_path / "site.yaml", resolve=False))
    assert any("no-such-rule" in problem for problem in audit.problems)


def test_without_a_configuration_there_are_no_expectations() -> None:
    unknown = load_network()
    audit = build_audit([tracked((DIR, FD1, 9102))], unknown)
    assert len(audit.tables["expectations"]) == 0
    assert audit.tables["flows"].values("configured") == [False]
    assert len(expected_connections(unknown)) == 0


def test_what_is_expected_can_be_told_without_a_capture(known: Network) -> None:
    """The same rows as in an audit, with nothing exercised."""
    alone = expected_connections(known)
    audited = build_audit([], known).tables["expectations"]
    assert alone.values("id") == audited.values("id")
    assert not any(alone.values("exercised"))


# ------------------------------------------------------------------ the heartbeat that is due

DIRECTOR_PEER = Peer(Role.DIRECTOR, "dir")
CLIENT = Peer(Role.FILE_DAEMON, "fd")
SITE = site_with([DIRECTOR_PEER, CLIENT], [])


def row(seconds: int | None, reason: str = "") -> object:
    made = expectation_of("3", DIRECTOR_PEER, CLIENT, 9102)
    return replace(made, heartbeat=Heartbeat(seconds, None, reason))


#: What tells a number, such as the connections beside it, is no reason for its heartbeat.
WHOSE = "the configuration at hand does not tell whose HeartbeatInterval holds here"


@pytest.mark.parametrize(
    ("connection", "rows", "expected"),
    [
        ("3", [row(60)], Heartbeat(60)),
        ("3", [row(60, "a"), row(60, "b")], Heartbeat(60, None, "a")),
        ("3", [row(0), row(60)], None),
        ("3", [row(None), row(60)], None),
        (None, [row(60)], Heartbeat(None, None, "3 and 10 both fit")),
        ("3", [], Heartbeat(None, None, WHOSE)),
    ],
    ids=["one", "both agree", "they differ", "one is not known", "no number", "no row"],
)
def test_the_heartbeat_due_is_that_on_which_all_candidates_agree(
    connection: str | None, rows: list[object], expected: Heartbeat | None
) -> None:
    match = Match(connection, candidates=tuple(rows), reason="3 and 10 both fit")  # type: ignore[arg-type]
    found = expected_heartbeat(match, SITE)
    if expected is None:
        assert found.seconds is None
        assert found.reason == "several resources fit, and their HeartbeatIntervals differ"
    else:
        assert found == expected


def test_no_heartbeat_is_due_where_nothing_is_configured() -> None:
    assert expected_heartbeat(Match("3"), None).reason == "no configuration was given"


def test_a_capture_that_lost_packets_is_known_to_be_incomplete(known: Network) -> None:
    """A probe that was dropped is no probe that was not sent."""
    wire = Wire().dial(DIR, FD1, 9102, DIRECTOR).silence(200).talk()
    flow = replace(wire.flow(), index=0)
    verdicts = []
    for dropped in (0, 5):
        info = replace(INFO, last=wire.now, dropped=dropped)
        table = build_audit([TrackedCapture(info, (flow,), ())], known).tables["flows"]
        verdicts += table.values("heartbeat_verdict")
    assert verdicts == ["fail", "unknown"]


ITS_HELLO = "Director dir calling 10002"


def test_what_a_stranger_says_as_bacula_does_excuses_no_cleartext(tmp_path: Path) -> None:
    said = cleartext("Director dir calling", "R_CLIENT::fd1", "R_DIRECTOR::dir")
    stranger = cleartext(ITS_HELLO, "", proven=False)
    tape = Wire().dial(STRANGER, FD1, 9102, stranger).turn_away().dial(DIR, FD1, 9102, said)
    result = audit(tmp_path, tape, {})
    assert list(result.flows["bacula"]) == [True, False]
    assert "cleartext-connection" in failed(result)


def test_a_host_that_takes_bacula_for_its_own_is_one(tmp_path: Path) -> None:
    theirs = cleartext(ITS_HELLO, "R_CLIENT::fd1", "R_DIRECTOR::dir")
    tape = Wire().dial(DIR, FD1, 9102, theirs).dial(FD1, SD1, 9103, cleartext("x", "y"))
    assert list(audit(tmp_path, tape, {}).flows["bacula"]) == [True, True]
