"""A stream that skips, and one that only seems to."""

from __future__ import annotations

from tape import SECOND, Endpoint, Tape

FD, SD = Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)


def connected() -> Tape:
    return Tape().syn(FD, SD).synack().ack().send(FD, b"x").ack().send(SD, b"y").ack()


def test_who_goes_on_where_he_was_never_skipped() -> None:
    tape = connected().segment(FD, "PA", b"forged", shift=5000).silence(100)
    flow = tape.send(FD, b"true").ack().flow()
    assert flow.initiator.longest_idle > 99 * SECOND
    assert (flow.initiator.missing, flow.initiator.stream) == (0, 5)


def test_a_bare_ack_of_the_peer_shows_it_too() -> None:
    tape = connected().segment(SD, "A", shift=5000).silence(100).send(FD, b"true").ack()
    flow = tape.flow()
    assert flow.initiator.longest_idle > 99 * SECOND
    assert flow.acceptor.missing == 0


def test_a_hole_that_is_filled_within_seconds_is_one() -> None:
    """The first segment was lost on the way, and its sender repeats it."""
    tape = connected().send(FD, b"a" * 50).drop().send(FD, b"b" * 50)
    tape.silence(3).segment(FD, "PA", b"a" * 50, shift=-100).ack(SD).silence(60).other()
    flow = tape.flow()
    assert (flow.initiator.missing, flow.initiator.stream) == (0, 101)
    assert flow.tampering_count == 0


def test_what_the_capture_lost_stays_lost() -> None:
    tape = connected().send(FD, b"lost").drop().send(FD, b"seen").ack().silence(60)
    flow = tape.send(FD, b"later").ack().flow()
    assert (flow.initiator.missing, flow.tampering_count) == (4, 0)


def test_a_probe_after_one_lost_byte_denies_nothing() -> None:
    tape = connected().send(FD, b"1").drop().send(FD, b"2").ack().silence(60).probe(FD).answer()
    flow = tape.flow()
    assert flow.initiator.missing == 1
    assert len(flow.initiator.probes) == 1
