"""Which packets belong to a connection, and which of them are decisive."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tape import SECOND, Endpoint, Tape

from auditor.evidence.excerpting.selection import Chosen, Wanted, choose_packets

START = 1_800_000_000 * SECOND
HOSTS = {
    4: (Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)),
    6: (Endpoint("2001:db8::31", 40001), Endpoint("2001:db8::20", 9103)),
}


def wanted(initiator: Endpoint, acceptor: Endpoint, **changes: object) -> Wanted:
    """Want one connection from the beginning on."""
    plain = Wanted("f1", "T", initiator.address, acceptor.address, initiator.port, acceptor.port, 0)
    return replace(plain, **changes)  # type: ignore[arg-type]


def choose(folder: Path, tape: Tape, *asked: Wanted) -> Chosen:
    """Choose packets of a tape."""
    path = folder / "tape.pcap"
    path.write_bytes(tape.pcap())
    return choose_packets(str(path), asked)[0]


@pytest.mark.parametrize("version", [4, 6])
def test_every_packet_of_both_directions_and_no_other(version: int, tmp_path: Path) -> None:
    fd, sd = HOSTS[version]
    other = Endpoint(fd.address, 40002)
    tape = Tape().syn(fd, sd).synack().ack().syn(other, sd).on(fd, sd).send(fd, b"x").ack()
    tape.syn(Endpoint(fd.address, 40001), Endpoint(sd.address, 9102)).on(fd, sd).fin(fd).ack()
    found = choose(tmp_path, tape, wanted(fd, sd))
    assert found.numbers == {1, 2, 3, 5, 6, 8, 9}
    assert found.marks == {1: {"T": ["first packet of f1"]}}
    assert found.comments(1) == ["T [first packet of f1]"]
    assert found.comments(2) == []
    assert found.found == {"f1"}


def test_ports_that_are_used_again_are_another_connection(tmp_path: Path) -> None:
    fd, sd = HOSTS[4]
    tape = Tape().syn(fd, sd).synack().ack().fin(fd).fin(sd).ack(fd)
    count = len(tape.frames)
    later = tape.silence(30).syn(fd, sd, isn=77).frames[-1].time
    tape.synack().ack()
    first = choose(tmp_path, tape, wanted(fd, sd, stop=later))
    second = choose(tmp_path, tape, wanted(fd, sd, start=later))
    assert first.numbers == {*range(1, count + 1)}
    assert second.numbers == {count + 1, count + 2, count + 3}


def test_attempts_that_are_alike_come_from_any_port_but_others(tmp_path: Path) -> None:
    fd, sd = HOSTS[4]
    tape = Tape()
    for port in range(40001, 40006):
        tape.syn(Endpoint(fd.address, port), sd)
    alike = wanted(fd, sd, initiator_port=None, others=frozenset({40003}))
    assert choose(tmp_path, tape, alike).numbers == {1, 2, 4, 5}


def test_what_ends_a_connection_is_marked_where_that_matters(tmp_path: Path) -> None:
    fd, sd = HOSTS[4]
    tape = Tape().syn(fd, sd).synack().ack().fin(sd).ack(fd).rst(fd).rst(fd)
    assert choose(tmp_path, tape, wanted(fd, sd)).marks.keys() == {1}
    found = choose(tmp_path, tape, wanted(fd, sd, ending=True))
    assert {number: words["T"] for number, words in found.marks.items()} == {
        1: ["first packet of f1"],
        4: ["FIN"],
        6: ["RST"],
        7: ["RST", "last packet of f1"],
    }


def test_an_icmp_error_belongs_to_the_connection_that_it_quotes(tmp_path: Path) -> None:
    fd, sd = HOSTS[4]
    tape = (
        Tape()
        .syn(fd, sd)
        .error("10.77.0.1", 3, 1)
        .syn(Endpoint(fd.address, 40002), sd)
        .error("10.77.0.1", 3, 1)
    )
    found = choose(tmp_path, tape, wanted(fd, sd, ending=True))
    assert found.numbers == {1, 2}
    assert found.comments(2) == ["T [ICMP error, last packet of f1]"]


def test_probes_and_named_packets_are_marked(tmp_path: Path) -> None:
    fd, sd = HOSTS[6]
    tape = Tape().syn(fd, sd).synack().ack()
    probes = []
    for _ in range(3):
        probes.append(tape.silence(60).probe(fd).frames[-1].time)
        tape.answer()
    found = choose(
        tmp_path, tape, wanted(fd, sd, times=frozenset(probes[1:]), numbers=frozenset({5, 99}))
    )
    assert found.comments(5) == ["T [evidence]"]
    assert found.comments(4) == []  # a probe that nobody asked for
    assert found.comments(6) == found.comments(8) == ["T [keepalive probe]"]


def test_a_flood_of_resets_makes_no_flood_of_comments(tmp_path: Path) -> None:
    fd, sd = HOSTS[4]
    tape = Tape().syn(fd, sd).synack().ack()
    for _ in range(500):
        tape.rst(fd)
    found = choose(tmp_path, tape, wanted(fd, sd, ending=True))
    assert len(found.numbers) == 503
    assert len(found.marks) == 66


def test_two_connections_share_packets_of_none_and_comments_of_each(tmp_path: Path) -> None:
    fd, sd = HOSTS[4]
    other = Endpoint(fd.address, 40002)
    tape = Tape().syn(fd, sd).syn(other, sd)
    found = choose(tmp_path, tape, wanted(fd, sd), wanted(other, sd, name="f2", told="U"))
    assert (found.comments(1), found.comments(2)) == (
        ["T [first packet of f1]"],
        ["U [first packet of f2]"],
    )
    twice = choose(tmp_path, tape, wanted(fd, sd), wanted(fd, sd, told="U"))
    assert len(twice.comments(1)) == 2


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    fd, sd = HOSTS[4]
    found = choose(tmp_path, Tape().syn(fd, sd), wanted(sd, Endpoint(fd.address, 1)))
    assert (found.numbers, found.marks, found.found) == (set(), {}, set())


def test_the_bytes_read_are_counted_once(tmp_path: Path) -> None:
    fd, sd = HOSTS[4]
    path = tmp_path / "tape.pcap"
    path.write_bytes(Tape().syn(fd, sd).pcap())
    read: list[int] = []
    choose_packets(str(path), [wanted(fd, sd)], read.append)
    assert sum(read) == path.stat().st_size
