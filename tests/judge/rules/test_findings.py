"""Findings: their order, their words, and that nothing from the wire can do harm in them."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from paths import CAPTURES
from scene import (
    DIR,
    DIRECTOR,
    FD1,
    FD3,
    SD1,
    STRANGER,
    Wire,
    audit,
    cleartext,
    edited,
    network,
    only,
    planted,
    tls,
)

import auditor
from auditor import Audit
from auditor.judge.matching.correlation import Spans
from auditor.judge.verdicts import Severity

SAID = cleartext("Director dir calling", "R_STORAGE::sd1", "R_DIRECTOR::dir")


def test_fails_come_first_and_the_worst_of_them_first(tmp_path: Path) -> None:
    tape = Wire().attempt(DIR, FD1, 9102).silence(9).dial(STRANGER, SD1, 9103)
    tape.dial(DIR, SD1, 9103, DIRECTOR).attempt(DIR, FD1, 9102)
    found = audit(tmp_path, tape).findings
    order = [
        (row.verdict == "unknown", [*Severity].index(row.severity)) for row in found.itertuples()
    ]
    assert order == sorted(order)
    assert set(found["verdict"]) == {"fail", "unknown"}


def test_a_finding_names_its_flow_capture_expectation_and_remedy(tmp_path: Path) -> None:
    result = audit(tmp_path, Wire().dial(DIR, SD1, 9103, SAID))
    finding = only(result, "cleartext-though-tls-required")
    assert (finding["flow"], finding["expectation"]) == ("f1", "5a:dir>sd1")
    assert finding["capture"] == str(tmp_path / "tape.pcap")
    assert finding["confidence"] == "certain"
    assert "hello=Hello Director dir calling" in finding["evidence"]
    assert finding["remedy"].startswith("Reload both ends.")


def test_a_finding_is_no_surer_than_its_rule_and_its_flow(tmp_path: Path) -> None:
    changed = edited("dir", f"fd1; Address = {FD1}", f"fd1; Address = {FD1}; LanAddress = 10.5.0.1")
    changed = changed.replace(
        f"sd1; Address = {SD1}", f"sd1; Address = {SD1}; LanAddress = 10.5.0.2"
    )
    tape = Wire().dial(FD1, SD1, 9103, tls("R_JOB\x1ejob1.2026-11-22_22.22.37_03"))
    result = audit(tmp_path, tape, network(dir=changed))
    assert list(result.flows["confidence"]) == ["certain"]
    assert only(result, "lan-address-ignored")["confidence"] == "likely"


def test_what_passed_is_counted(tmp_path: Path) -> None:
    passed = audit(tmp_path, Wire().dial(DIR, SD1, 9103, DIRECTOR)).passed
    assert passed["cleartext-though-tls-required"] == 1
    assert passed["passive-client-dials-storage"] == 0


def test_a_name_from_the_wire_cannot_move_the_cursor(tmp_path: Path) -> None:
    evil = "R_DIRECTOR\x1e\x1b[2Jevil\u202e{why}\r\n"
    result = audit(tmp_path, Wire().dial(STRANGER, SD1, 9103, tls(evil, proven=False)))
    finding = only(result, "identity-mismatch")
    shown = [finding["message"], *finding["evidence"], *map(str, result.flows.iloc[0])]
    assert "?[2Jevil?{why}??" in " ".join(finding["evidence"])
    assert not any(character in text for text in shown for character in "\x1b\u202e\r\n")


def test_a_name_from_the_configuration_cannot_break_a_message(tmp_path: Path) -> None:
    """Resource names may hold few characters (§5.5), host names any."""
    changed = edited("dir", f"fd1; Address = {FD1}", 'fd1; Address = "{0.x}\u202e"')
    result = audit(
        tmp_path, Wire().attempt(DIR, FD1, 9102).silence(9).other(), network(dir=changed)
    )
    assert "connection-unanswered" in set(result.findings["rule"])


def test_an_end_that_nobody_knows_is_called_by_its_address_once(tmp_path: Path) -> None:
    (tmp_path / "tape.pcap").write_bytes(Wire().attempt(DIR, FD1, 9102).silence(9).other().pcap())
    said = list(auditor.audit(tmp_path / "tape.pcap").findings["message"])
    assert any(f" SYN to {FD1} port 9102 for connection 3" in one for one in said), said


def test_a_daemon_of_which_only_the_role_is_known_is_the_one_that_was_there() -> None:
    folder = CAPTURES / "beat-other"
    capture = folder / "live-fd1-fd1_etc.pcapng"
    found = auditor.audit(capture, config=folder / "config" / "fd1", resolve=False)
    assert "any storage daemon" in set(found.flows["acceptor_daemon"])
    said = set(found.findings["message"])
    assert any(" to the storage daemon at 10.77.0.20: probes came" in one for one in said)
    assert not any("any storage daemon" in one for one in said)


def test_a_sentence_with_long_places_is_whole(tmp_path: Path) -> None:
    """Only what comes from the wire is cut short."""
    folder = planted(tmp_path / ("a" * 100) / ("b" * 100), network(fd1=edited("fd1", "fd1pw", "x")))
    found = auditor.check(folder, resolve=False).findings
    (row,) = found[found["rule"] == "password-differs"].to_dict("records")
    assert row["message"].endswith(f"{folder}/dir/bareos-dir.conf:4)")
    assert row["remedy"].endswith(f"{folder}/dir/bareos-dir.conf:4.")


def test_a_message_is_one_line_and_has_no_empty_braces(tmp_path: Path) -> None:
    tape = (
        Wire().dial(STRANGER, SD1, 9103).dial(DIR, FD3, 9102, DIRECTOR).dial(DIR, SD1, 9103, SAID)
    )
    for message in audit(tmp_path, tape).findings["message"]:
        assert message == " ".join(message.split())
        assert "{" not in message


def test_a_capture_without_any_flow_of_ours_is_blind(tmp_path: Path) -> None:
    result = audit(tmp_path, Wire().other())
    assert (result.blind, result.verdict, len(result.flows)) == (True, "unknown", 0)


def test_a_lossy_capture_says_what_it_lost(tmp_path: Path) -> None:
    tape = Wire().dial(DIR, SD1, 9103, DIRECTOR).talk().drop(2).talk()
    result = audit(tmp_path, tape)
    assert only(result, "capture-incomplete")["message"].endswith(
        "acknowledged bytes were never captured"
    )
    assert result.captures["incomplete"].all()
    assert result.summary()["coverage"]["complete"] is False  # type: ignore[index]


# ------------------------------------------------------------------ expectations

WAITING = "expected-connection-unseen"


def test_a_waiting_connection_that_is_there_is_exercised(tmp_path: Path) -> None:
    result = audit(tmp_path, Wire().dial(FD3, DIR, 9101, tls("R_CLIENT\x1efd3")))
    row = result.expectations.set_index("id").loc["4:fd3>dir"]
    assert (row["exercised"], row["opportunity"]) == (True, False)
    assert WAITING not in set(result.findings["rule"])


def unseen(result: Audit) -> str:
    """Why a waiting connection could not be seen; nobody complains of it."""
    assert WAITING not in set(result.findings["rule"])
    assert (result.passed[WAITING], result.unobserved[WAITING]) == (0, 1)
    return str(result.expectations.set_index("id").loc["4:fd3>dir"]["opportunity_reason"])


def test_a_tap_that_cannot_see_a_waiting_connection_does_not_complain(tmp_path: Path) -> None:
    result = audit(tmp_path, Wire().dial(DIR, SD1, 9103, DIRECTOR).silence(99).other())
    assert unseen(result) == "nothing of its host was captured"


def test_a_waiting_connection_may_be_silent_for_one_heartbeat(tmp_path: Path) -> None:
    result = audit(tmp_path, Wire().dial(FD3, SD1, 9103).silence(20).other())
    assert unseen(result) == "the capture is shorter than its heartbeat of 30 s"


class _Span:
    def __init__(self, started: int, ended: int | None) -> None:
        self.started, self.ended = started, ended


_SPANS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 20) | st.none()).map(
        lambda pair: _Span(pair[0], None if pair[1] is None else pair[0] + pair[1])
    )
)


@given(_SPANS, st.integers(-5, 80))
def test_whether_any_flow_was_open_is_found_as_by_looking_at_each(
    spans: list[_Span], time: int
) -> None:
    found = Spans(spans)  # type: ignore[arg-type]
    assert found.open_at(time) == any(
        s.started <= time and (s.ended is None or s.ended >= time) for s in spans
    )
    started = [s.started for s in spans if s.started <= time]
    assert found.last_start(time) == max(started, default=None)
