"""What was lost voids the verdicts that it may have changed, and no others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from matching_site import flow_of
from scene import DIR, DIRECTOR, FD1, SD1, STRANGER, Wire, audit, only

from auditor.flows.flow import Flow, Hello, Outcome
from auditor.flows.refusal import End, Refusal, RefusalKind
from auditor.judge.heartbeat.losses import Losses, nothing_lost, what_is_lost
from auditor.judge.heartbeat.verdict import HeartbeatContext
from auditor.packets.pcapng_comments import NEW_NS
from auditor.packets.segments import CaptureInfo, Clock, ClockStep, Drop
from auditor.site.site_file import Keepalive

INFO = CaptureInfo("a.pcap", "pcap", "file", "Ethernet")
END = 1000
SECOND = 1_000_000_000


def flow(started: int, last: int, *, missing: int = 0, **more: Any) -> Flow:
    made = replace(flow_of(DIR, SD1, 9103, started=started), last=last, ended=last, **more)
    return replace(made, initiator=replace(made.initiator, missing=missing))


QUIET = flow(100, 500)
PROVEN = Hello(proven=True)


def touched(*others: Flow, probes_lost: bool = False, **info: Any) -> bool:
    return Losses(replace(INFO, **info), [QUIET, *others], probes_lost=probes_lost).touch(
        QUIET, END
    )


def test_without_a_loss_nothing_is_touched() -> None:
    assert not touched(flow(100, 500, hello=PROVEN))


@pytest.mark.parametrize("info", [{"lacks": ("a minute",)}, {"clock": Clock(beyond=1)}])
def test_what_may_be_missing_anywhere_touches_every_flow(info: dict[str, Any]) -> None:
    assert touched(**info)


def test_a_clock_that_was_set_at_places_that_are_known_touches_no_other_place() -> None:
    assert not touched(clock=Clock(late=9, steps=(ClockStep(400, 50),), ended=900))


def test_probes_that_were_not_kept_touch_every_flow() -> None:
    assert touched(probes_lost=True)


@pytest.mark.parametrize(
    "info", [{"short": 9}, {"undecoded": 9}, {"truncated": True}, {"unreadable": ("9 packets",)}]
)
def test_what_nobody_can_read_is_of_no_flow_that_can_be_read(info: dict[str, Any]) -> None:
    assert not touched(**info)


@pytest.mark.parametrize(
    ("span", "beside"), [((0, 99), False), ((0, 100), True), ((500, 900), True), ((501, 9), False)]
)
def test_a_gap_of_another_counts_while_both_were_there(span: tuple[int, int], beside: bool) -> None:
    assert touched(flow(*span, missing=1, hello=PROVEN)) is beside


def test_of_a_heartbeat_that_was_left_out_nothing_can_be_said() -> None:
    """And it says nothing of those of others."""
    context = HeartbeatContext(Keepalive(), END, complete=True, host_quiet=0)
    assert nothing_lost(QUIET, context)
    unsure = replace(QUIET, beats_left_out=True)
    assert not nothing_lost(unsure, context)
    assert not touched(replace(unsure, hello=PROVEN))


def test_nor_of_one_of_which_segments_were_left_out_for_their_timestamps() -> None:
    context = HeartbeatContext(Keepalive(), END, complete=True, host_quiet=0)
    unclear = replace(QUIET, clock_unclear=True)
    assert not nothing_lost(unclear, context)
    assert what_is_lost(QUIET) == "the capture has gaps"
    assert "timestamps" in what_is_lost(unclear)


def test_nor_of_one_whose_silence_the_clocks_of_its_ends_do_not_show() -> None:
    context = HeartbeatContext(Keepalive(), END, complete=True, host_quiet=0)
    unclear = replace(QUIET, silence_unclear=True)
    assert not nothing_lost(unclear, context)
    assert "may have been set" in what_is_lost(unclear)


def test_a_gap_of_its_own_counts() -> None:
    own = flow(100, 500, missing=1)
    assert Losses(INFO, [own], probes_lost=False).touch(own, END)


def test_a_gap_that_anybody_can_make_hides_no_heartbeat() -> None:
    """A connection that nobody let in, and half a connection that began before the capture."""
    assert not touched(flow(100, 500, missing=1))
    assert not touched(flow(100, 500, missing=1, outcome=Outcome.MIDSTREAM))


@pytest.mark.parametrize(("said", "counts"), [(3000, False), (20_000, True)])
def test_a_certificate_lets_nobody_in_before_the_acceptor_went_on(said: int, counts: bool) -> None:
    one = flow(100, 500, missing=1, hello=Hello(certificate=True))
    assert touched(replace(one, acceptor=replace(one.acceptor, stream=said))) is counts


def test_packets_that_the_recorder_counted_are_told_apart() -> None:
    losses = Losses(replace(INFO, dropped=7), [QUIET], probes_lost=False)
    assert (losses.dropped(QUIET, END), losses.touch(QUIET, END)) == (7, False)


@pytest.mark.parametrize(
    ("drop", "count"),
    [
        (Drop(0, SECOND, 7), 7),
        (Drop(3 * SECOND, 4 * SECOND, 7), 7),
        (Drop(0, 99 * SECOND, 7), 7),
        (Drop(6 * SECOND, 9 * SECOND, 7), 0),
        (Drop(6 * SECOND, 9 * SECOND, 5), 2),
    ],
    ids=["as it begins", "amid", "all the time", "after it", "after it, but for some"],
)
def test_they_may_be_of_who_was_there_when_they_were_lost(drop: Drop, count: int) -> None:
    one = flow(2 * SECOND, 4 * SECOND)
    losses = Losses(replace(INFO, dropped=7, drops=(drop,)), [one], probes_lost=False)
    assert losses.dropped(one, 10 * SECOND) == count
    assert losses.dropped(replace(one, ended=None), 10 * SECOND) == 7


def test_where_the_clock_was_set_no_time_tells_whose_they_are() -> None:
    one, clock = flow(2 * SECOND, 4 * SECOND), Clock(steps=(ClockStep(400, 50),))
    info = replace(INFO, dropped=7, drops=(Drop(6 * SECOND, 9 * SECOND, 7),), clock=clock)
    assert Losses(info, [one], probes_lost=False).dropped(one, 10 * SECOND) == 7


def test_what_new_connections_lost_touches_no_older_one() -> None:
    losses = Losses(replace(INFO, dropped=7, lost_new=5), [QUIET], probes_lost=False)
    told = (losses.dropped(QUIET, END), losses.at_first, losses.touch(QUIET, END))
    assert told == (2, NEW_NS, False)
    assert Losses(replace(INFO, dropped=7), [QUIET], probes_lost=False).at_first == 0


@pytest.mark.parametrize(
    ("silence", "verdict"), [(600, "fail"), (69.8, "fail"), (69.4, "unknown"), (68, "unknown")]
)
def test_a_silence_counts_but_for_what_may_be_lost_of_the_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, silence: float, verdict: str
) -> None:
    """A probe is due within 67.6 s: 60 and an eighth, the round trip, and a tenth."""
    begin = Losses.__init__

    def with_losses(self: Losses, info: CaptureInfo, *more: Any, **others: Any) -> None:
        begin(self, replace(info, dropped=99, lost_new=99), *more, **others)

    monkeypatch.setattr(Losses, "__init__", with_losses)
    row = audit(tmp_path, silent(Wire(), silence)).flows.iloc[0]
    assert row["heartbeat_verdict"] == verdict, row["heartbeat_reason"]


def silent(wire: Wire, silence: float = 600) -> Wire:
    """A control connection that sends no probe where one is due every minute."""
    return wire.dial(DIR, SD1, 9103, DIRECTOR).talk().silence(silence).talk()


def test_a_missing_heartbeat_fails_whatever_a_stranger_leaves_half_done(tmp_path: Path) -> None:
    alone = only(audit(tmp_path, silent(Wire())), "heartbeat-missing")
    lost = Wire().dial(STRANGER, FD1, 9102)
    wire = silent(lost.send(lost.initiator, bytes(500)).drop().talk())
    result = audit(tmp_path, wire)
    assert "never captured" in result.captures["incomplete_reason"][0]
    assert only(result, "heartbeat-missing")["verdict"] == alone["verdict"] == "fail"


@pytest.mark.parametrize("ended", [None, 900])
def test_a_connection_whose_login_was_refused_is_only_open_as_long_as_nothing_tells(
    ended: int | None,
) -> None:
    """Whoever loses FIN and RST, and captures on, sees a silence that is none."""
    context = HeartbeatContext(Keepalive(), END, complete=True, host_quiet=0)
    refused = Refusal(RefusalKind.ALERT, End.ACCEPTOR, "alert 47")
    one = replace(QUIET, refusal=refused, ended=ended)
    assert nothing_lost(one, context) is (ended is not None)
    assert what_is_lost(one).startswith("the login" if ended is None else "the capture")
