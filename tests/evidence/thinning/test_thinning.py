"""What thinning keeps, rule by rule, and what it never keeps."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hello_wire import client_hello, extension, message, record, request, server_hello, startup
from tape import PORTS, SECOND, Endpoint, Tape
from thinning_stage import assert_agree, follow, kept, kind, thinned, thinner

from auditor.evidence.packet import Packet
from auditor.evidence.thinning import Thinner
from auditor.packets import Decoder
from auditor.packets.checksum import BAD, GOOD, checksum_of

pytestmark = pytest.mark.usefixtures("each_thinner")

FD, SD = Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)
DIR, DB = Endpoint("10.77.0.10", 40002), Endpoint("10.77.0.5", 5432)
START = 1_800_000_000 * SECOND
SECRET = b"SECRET-file-data"


def opened() -> Tape:
    return Tape().syn(FD, SD).synack().ack()


def times(packets: list[Packet]) -> list[float]:
    """Return times in seconds since the tape began."""
    return [round((packet.time - START) / SECOND, 4) for packet in packets]


def of(tape: Tape) -> list[Packet]:
    return kept([tape.pcap()])


def payload(packets: list[Packet]) -> bytes:
    return b"".join(carried(packet) for packet in packets)


def carried(packet: Packet) -> bytes:
    return packet.data[34 + (packet.data[46] >> 4) * 4 :]


def test_a_handshake_and_an_ending_are_kept() -> None:
    tape = opened()
    for _ in range(20):
        tape.send(FD, b"x" * 1000).ack()
    tape.fin(FD).ack().fin(SD).ack()
    found = times(of(tape))
    assert found[:3] == [0.0, 0.001, 0.002]
    assert {0.043, 0.045} <= set(found)


@pytest.mark.bulk
def test_of_bulk_data_only_the_ends_are_kept() -> None:
    tape = opened()
    for _ in range(500):
        tape.send(FD, SECRET * 90).ack()
    packets = of(tape)
    assert len(packets) < 12
    assert SECRET[:4] not in payload(packets)


def test_every_probe_and_its_answer_are_kept() -> None:
    tape = opened().send(FD, b"x").ack()
    for _ in range(3):
        tape.silence(60).probe(FD).answer()
    flow = follow(assert_agree(tape.pcap()))[0][0]
    assert [probe.answered for probe in flow.initiator.probes] == [SECOND // 1000] * 3


def test_the_garbage_byte_of_a_probe_is_not_kept() -> None:
    tape = opened().send(FD, b"x").ack().silence(60).probe(FD, b"G").answer()
    assert payload(of(tape)) == b""
    assert_agree(tape.pcap())


def test_both_ends_of_half_a_second_are_kept_and_of_less_are_not() -> None:
    long, short = opened(), opened()
    for tape, pause in ((long, 0.5), (short, 0.49)):
        for _ in range(4):
            tape.send(FD, b"x" * 100).ack()
        tape.silence(pause)
        for _ in range(4):
            tape.send(FD, b"y" * 100).ack()
    assert {0.009, 0.51} <= set(times(of(long)))
    assert 0.009 not in times(of(short))


def test_what_a_side_owed_during_its_peers_silence_is_kept() -> None:
    tape = opened().send(SD, b"a").ack()
    tape.silence(0.1).send(FD, b"owed").silence(0.1).send(FD, b"more").silence(30).ack(SD)
    assert 0.104 in times(of(tape))
    assert_agree(tape.pcap())


def test_data_that_was_owed_before_the_silence_is_kept() -> None:
    tape = opened().send(FD, b"owed")
    tape.segment(SD, "A", unread=4).segment(SD, "A", unread=4)
    tape.silence(1).resend(FD).silence(30).resend(FD).ack(SD)
    assert follow(assert_agree(tape.pcap()))[0][0].initiator.longest_idle < SECOND


def test_a_stream_of_equal_acknowledgements_shows_that_there_is_no_silence() -> None:
    tape = opened().send(FD, b"x").ack()
    for size in range(100):
        tape.silence(0.3).window(SD, 400 + size)
    flow = follow(thinned(tape.pcap()))[0][0]
    assert flow.initiator.longest_idle < 0.9 * SECOND


def test_a_stream_that_wraps_around_is_followed_through_the_gaps() -> None:
    tape = opened()
    half = tape.connection.halves[FD]
    for _ in range(200):
        half.next += 40_000_000
        tape.send(FD, b"x" * 100).ack()
    tape.silence(5).probe(FD).answer()
    flow = follow(thinned(tape.pcap()))[0][0]
    assert [probe.silence for probe in flow.initiator.probes] == [5 * SECOND]


def test_under_tls_the_hellos_are_kept_and_of_what_is_sealed_the_sizes() -> None:
    hello, answer = record(client_hello()), record(server_hello())
    sealed, blank = (record(one, kind=23) for one in (SECRET * 9, bytes(144)))
    tape = opened().send(FD, hello).ack().send(SD, answer + sealed).ack()
    for _ in range(40):
        tape.send(FD, sealed).ack()
    found = payload(of(tape))
    assert found.startswith(hello + answer + blank + blank)
    assert SECRET[:4] not in found
    assert_agree(tape.pcap())


@pytest.mark.parametrize("swapped", [False, True])
def test_cleartext_behind_a_tls_handshake_is_not_kept(swapped: bool) -> None:
    """What TlsAuthenticate makes: TLS ends when the peers know each other."""
    hello, answer = record(client_hello()), record(server_hello())
    tape = opened().send(FD, hello).ack().send(SD, answer + record(b"f" * 32, kind=23)).ack()
    tape.send(FD, message(SECRET)).send(FD, message(SECRET))
    if swapped:
        tape.swap()
    assert SECRET[:4] not in b"".join(packet.data for packet in of(tape.silence(2).ack(SD)))


def test_a_client_hello_in_pieces_out_of_order_is_kept_whole() -> None:
    hello = record(client_hello())
    tape = opened().send(FD, hello[:1]).send(FD, hello[1:20]).send(FD, hello[20:]).swap()
    tape.ack(SD).silence(2).ack(SD)
    assert sorted(payload(of(tape))) == sorted(hello)
    assert_agree(tape.pcap())


def test_in_cleartext_the_first_message_of_each_side_is_kept() -> None:
    hello = message(b"Hello Director x calling\n")
    challenge = message(b"auth cram-md5 <1.2@R_CLIENT::y>\n")
    tape = opened().send(FD, hello).ack().send(SD, challenge).ack()
    tape.send(FD, message(b"RESPONSE")).ack().send(SD, message(b"1000 OK auth\n")).ack()
    assert payload(of(tape)) == hello + challenge


def test_a_response_in_one_segment_with_the_hello_is_cut_off() -> None:
    hello = message(b"Hello Director x calling\n")
    packets = of(opened().send(FD, hello + message(b"RESPONSE")).ack())
    assert payload(packets) == hello
    (cut,) = [packet for packet in packets if carried(packet)]
    assert cut.length == 54 + len(hello) + 12


def test_of_postgresql_the_startup_is_kept_and_no_password() -> None:
    tape = Tape().syn(DIR, DB).synack().ack().send(DIR, request(80877103)).ack()
    tape.send(DB, b"N").ack().send(DIR, startup(user="bareos")).ack()
    tape.send(DB, b"R\0\0\0\x08\0\0\0\x03").ack().send(DIR, b"p\0\0\0\x0bSECRET\0").ack()
    assert payload(of(tape)) == request(80877103) + b"N" + startup(user="bareos")
    assert_agree(tape.pcap())


def test_the_key_of_a_postgresql_cancel_request_is_not_kept() -> None:
    cancel = (16).to_bytes(4, "big") + (80877102).to_bytes(4, "big") + b"SECRETSX"
    assert payload(of(Tape().syn(DIR, DB).synack().ack().send(DIR, cancel).ack())) == b""


@pytest.mark.parametrize("first", [SECRET, b"\x17\x03\x03\0\x20" + SECRET, b"\0\0\0\x10" + SECRET])
def test_of_a_stream_that_began_before_no_content_is_kept(first: bytes) -> None:
    tape = Tape().join(FD, SD).send(FD, first).ack().send(SD, first).ack()
    assert SECRET[:1] not in payload(of(tape))
    assert_agree(tape.pcap())


def test_frames_that_the_tap_delivered_twice_are_kept_once() -> None:
    tape = Tape().syn(FD, SD).duplicate().synack().duplicate().ack().duplicate()
    assert times(of(tape)) == [0.0, 0.001, 0.002]


def test_time_alone_settles_what_waits() -> None:
    thinning, decoder = thinner(64), Decoder(PORTS)
    (batch,) = decoder.feed(opened().pcap())
    assert thinning.feed(batch) == []
    assert len(thinning.advance(START + 5 * SECOND)) == 3
    assert thinning.flush() == []


def many(count: int) -> bytes:
    tape = Tape()
    for number in range(count):
        end = Endpoint("10.77.0.31", 20000 + number)
        tape.syn(end, SD).synack().ack().send(end, b"x").ack()
    return tape.silence(2).other().pcap()


def test_flows_beyond_the_bound_are_lost_and_the_file_says_so() -> None:
    thinning = thinner(16)
    _, account = follow(thinned(many(40), thinning))
    lost = thinning.counters()[2]
    assert lost == account.dropped
    # In the kernel the first segments of a flow for which there is no room are kept all the same.
    assert lost == (40 - 16) * (5 if kind() is Thinner else 0)


def test_flows_that_are_over_make_room() -> None:
    tape = Tape()
    for number in range(300):
        end = Endpoint("10.77.0.31", 20000 + number)
        tape.syn(end, SD).silence(1).rst(SD)
    thinning = thinner(16)
    kept([tape.pcap()], thinning)
    assert thinning.counters() == (600, 600, 0)


def test_every_repetition_of_what_is_not_acknowledged_is_kept() -> None:
    """R7: how often it was sent, and for how long, shows that the connection is lost."""
    tape = opened().send(FD, b"hello").ack().silence(42).send(FD, SECRET)
    for gap in (0.2, 0.2, 0.4, 0.8, 1.6):
        tape.silence(gap).resend(FD)
    flow = follow(assert_agree(tape.pcap()))[0][0]
    assert flow.how.evidence.startswith(
        "10.77.0.31 sent the same bytes (from 6 on) 6 times in 3.2 s"
    )
    assert SECRET[:4] not in payload(of(tape))


def test_new_data_after_them_are_no_repetition() -> None:
    tape = opened().send(FD, b"hello").ack()
    for _ in range(20):
        tape.send(FD, b"x" * 1000)
    assert len(of(tape)) < 10


@pytest.mark.parametrize("router", ["10.77.0.1", "10.77.0.20"])
def test_icmp_errors_are_kept_up_to_the_quoted_header(router: str) -> None:
    """R8."""
    tape = Tape().syn(FD, SD).error(router, 3, 10).silence(3).syn(FD, SD).error(router, 3, 10)
    flow = follow(assert_agree(tape.pcap()))[0][0]
    assert flow.how.evidence.startswith("answered by ICMP host administratively prohibited")
    tape = opened().send(FD, SECRET).error(router, 3, 1, quote=200)
    assert SECRET[:4] not in b"".join(packet.data for packet in of(tape))


def test_icmp_errors_about_unknown_flows_are_not() -> None:
    tape = Tape().syn(FD, SD).error("10.77.0.1", 3, 10)
    del tape.frames[0]
    assert of(tape) == []


def test_where_only_the_syn_ack_was_seen_it_is_known_where_both_streams_begin() -> None:
    """P1: it acknowledges the SYN."""
    hello = message(b"Hello Director x calling\n")
    tape = opened().send(FD, hello).ack()
    del tape.frames[0]
    assert payload(of(tape)) == hello
    assert_agree(tape.pcap())


def test_nobody_is_accused_of_a_hello_that_may_not_be_kept() -> None:
    hello = message(b"Hello Director x calling\n")
    tape = opened().send(FD, hello).ack()
    del tape.frames[:2]
    (flow,) = follow(thinned(tape.pcap()))[0]
    assert flow.hello_unseen


def test_of_what_is_no_hello_the_first_header_stays_and_tells_so() -> None:
    tape = opened().send(FD, b"x").ack().send(FD, SECRET).ack().silence(3).ack(SD)
    (flow,) = follow(thinned(tape.pcap()))[0]
    assert not flow.hello_unseen


@pytest.mark.parametrize("wrong", [0, 1])
def test_where_payload_is_blanked_the_checksum_stays_as_right_or_wrong_as_it_was(
    wrong: int,
) -> None:
    offer = record(client_hello(extension(0xFEED, SECRET)))
    tape = opened().send(FD, offer).ack()
    frame = bytearray(tape.frames[3].data)
    frame[51] ^= wrong
    tape.frames[3] = replace(tape.frames[3], data=bytes(frame))
    found = []
    for capture in (tape.pcap(), thinned(tape.pcap())):
        (batch,) = Decoder(PORTS).feed(capture)
        found.append(checksum_of(batch.segments[3], batch.buffer))
    assert SECRET not in thinned(tape.pcap())
    assert found == [BAD if wrong else GOOD] * 2


def test_of_two_connections_in_one_batch_each_keeps_its_hello() -> None:
    lines = [message(b"Hello Director %d calling\n" % number) for number in range(3)]
    tape = Tape()
    for line in lines:
        tape.syn(FD, SD).synack().ack().send(FD, line).ack().fin(FD).fin(SD).ack()
    assert payload(of(tape)) == b"".join(lines)


@pytest.mark.parametrize("flags", ["RA", "FA", "S"])
def test_what_follows_a_reset_a_fin_or_a_second_syn_is_kept(flags: str) -> None:
    """R9: whether the connection goes on tells what it was."""
    tape = opened().send(FD, b"x").ack().send(SD, b"x").ack()
    for _ in range(20):
        tape.send(FD, b"x" * 100).ack()
    before = len(of(tape))
    tape.segment(FD, flags)
    for _ in range(20):
        tape.send(SD, b"x" * 100).ack()
    assert len(of(tape)) - before >= 16


@pytest.mark.parametrize("flags", ["P", ""])
def test_what_every_receiver_drops_takes_no_place_in_a_hello(flags: str) -> None:
    lie, truth = record(client_hello()), message(b"Hello Director x calling\n")
    tape = opened().segment(FD, flags, lie).send(FD, truth).ack()
    found = payload(of(tape))
    assert truth in found
    assert lie[:5] not in found
    (flow, *_), _ = follow(thinned(tape.pcap()))
    assert flow.hello == tape.flow().hello
