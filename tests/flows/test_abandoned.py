"""Data channels of jobs that the Director gave up, as a tap at the storage daemon sees them."""

from __future__ import annotations

import pytest
from hello_wire import chosen, client_hello, keys, record, selected, server_hello, versions
from tape import SECOND, Endpoint, Tape

from auditor.flows.how_ended import Ending, HowEnded

DIR, FD, SD = "10.0.0.10", "10.0.0.31", "10.0.0.20"
CONTROL = Endpoint(DIR, 40001), Endpoint(SD, 9103)
SIX = Endpoint(FD, 40002), Endpoint(SD, 9103)
SEVEN = Endpoint(SD, 40003), Endpoint(FD, 9102)
ANSWER = record(server_hello(chosen(0x0304), selected(0))) + b"\x17\x03\x03\x00\x20" + bytes(32)


def dialled(tape: Tape, ends: tuple[Endpoint, Endpoint], identity: str) -> Tape:
    hello = record(client_hello(versions(0x0304), keys(identity.encode())))
    tape.syn(*ends).synack().ack().send(ends[0], hello).ack().send(ends[1], ANSWER).ack()
    for _ in range(20):
        tape.send(ends[0], bytes(40)).ack().send(ends[1], bytes(40)).ack()
    return tape


def job(data: tuple[Endpoint, Endpoint] = SIX) -> Tape:
    tape = dialled(Tape(), CONTROL, "R_DIRECTOR\x1edir")
    return dialled(tape, data, "R_JOB\x1ejob.2026-11-22_22.22.37_03")


def ends(tape: Tape) -> list[HowEnded]:
    return [flow.how for flow in tape.follow().flows]


def given_up(tape: Tape) -> Tape:
    """The Director says a last word and closes; the storage daemon only acknowledges."""
    return tape.on(*CONTROL).send(CONTROL[0], bytes(24)).ack().fin(CONTROL[0]).ack()


@pytest.mark.parametrize("data", [SIX, SEVEN], ids=["6", "7"])
def test_a_silent_channel_of_a_job_that_was_given_up_is_lost(
    data: tuple[Endpoint, Endpoint],
) -> None:
    control, channel = ends(given_up(job(data).silence(80)))
    assert control.ending is Ending.OPEN
    assert (channel.ending, channel.idle, channel.certain) == (Ending.LOST, True, False)
    assert channel.silence // SECOND == 80
    assert "10.0.0.10 gave the job up: it closed port 40001 to 10.0.0.20" in channel.evidence
    assert channel.evidence.endswith("10.0.0.31 may have died instead")


def test_a_storage_daemon_that_reported_the_end_waits_for_nothing() -> None:
    tape = job().silence(80).on(*CONTROL).send(CONTROL[1], b"job ended").ack()
    assert ends(given_up(tape))[1].ending is Ending.OPEN


def test_a_control_connection_that_both_closed_gave_nothing_up() -> None:
    tape = given_up(job().silence(80)).fin(CONTROL[1]).ack()
    assert ends(tape)[1].ending is Ending.OPEN


def test_a_channel_that_was_closed_in_time_is_not_lost() -> None:
    tape = job().fin(SIX[0]).ack().fin(SIX[1]).ack().silence(80)
    assert ends(given_up(tape))[1].ending is Ending.ORDERLY


def test_a_short_silence_is_none() -> None:
    assert ends(given_up(job().silence(3)))[1].ending is Ending.OPEN


def test_another_storage_daemons_job_is_not_concerned() -> None:
    elsewhere = Endpoint(FD, 40004), Endpoint("10.0.0.21", 9103)
    assert ends(given_up(job(elsewhere).silence(80)))[1].ending is Ending.OPEN


def test_a_channel_that_began_before_the_control_connection_is_another_jobs() -> None:
    tape = dialled(Tape(), SIX, "R_JOB\x1eother.2026-11-22_22.22.37_03")
    tape = dialled(tape, CONTROL, "R_DIRECTOR\x1edir").silence(80)
    assert ends(given_up(tape))[0].ending is Ending.OPEN


def test_only_a_director_gives_a_job_up() -> None:
    tape = dialled(Tape(), CONTROL, "R_CONSOLE\x1eadmin")
    tape = dialled(tape, SIX, "R_JOB\x1ejob.2026-11-22_22.22.37_03").silence(80)
    assert ends(given_up(tape))[1].ending is Ending.OPEN
