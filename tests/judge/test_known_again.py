"""A tap before a NAT and one behind it: which flows are one connection, and what came through."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest
from middlebox import Middlebox, without_probes
from paths import CAPTURES
from pieces_of_tape import later, written
from scene import DIR, DIRECTOR, FD1, FD3, SD1, Wire, cleartext, planted, tls
from scene import network as files
from tape import Endpoint, Frame
from two_taps import eaten, seen

import auditor
from auditor import Audit

#: What a NAT makes of a client's address, of the server's too, and of another family.
SOURCE = Middlebox({FD3: "203.0.113.7"}, {Endpoint(FD3, 40002): Endpoint("203.0.113.7", 61234)})
BOTH = Middlebox({FD3: "203.0.113.7", DIR: "198.51.100.1", FD1: "192.168.7.31"})
#: What a client says that dials the Director.
FD = tls("R_CLIENT\x1efd3")
SIX = Middlebox({DIR: "64:ff9b::a00:a", FD3: "2001:db8:9::33", FD1: "2001:db8:9::31"})
NUMBERS = Middlebox(renumbers=7)
NATS = {
    "source and port": SOURCE,
    "both": BOTH,
    "another family": SIX,
    "both, numbered anew": BOTH._replace(renumbers=7, stamps=False),
}


def drawing(said: tuple[bytes, bytes], seed: int = 1) -> tuple[bytes, bytes]:
    """Return hellos of TLS with randoms."""
    draw = random.Random(seed)
    one, other = (side[:11] + draw.randbytes(32) + side[43:] for side in said)
    return one, other


def talk(*, beats: int = 4, over: bool = True, stamped: bool = True) -> Wire:
    """Let the Director dial a daemon, and a daemon the Director, which probes each 30 s."""
    wire = Wire()
    wire = wire.clocks() if stamped else wire
    wire.dial(DIR, FD1, 9102, drawing(DIRECTOR)).hang_up()
    wire.dial(FD3, DIR, 9101, drawing(FD, 2))
    wire.silence(0.5).talk().beats(30, beats)
    wire.silence(0.9).talk()
    return wire.hang_up() if over else wire


def related(audit: Audit) -> set[frozenset[str]]:
    """Return which flows name which others, and check that these name them too."""
    named = dict(zip(audit.flows["id"], audit.flows["translated_as"], strict=True))
    ways = {(one, other) for one, others in named.items() for other in others}
    assert ways == {(other, one) for one, other in ways}
    return set(map(frozenset, ways))


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("skew", [0.5, 3600.002, -0.01])
@pytest.mark.parametrize("nat", NATS.values(), ids=NATS)
def test_each_tap_has_its_row_and_the_rows_name_each_other(
    nat: Middlebox, skew: float, order: int, tmp_path: Path
) -> None:
    frames = talk().frames
    audit = seen(tmp_path, frames, nat.beyond(frames), skew=skew, order=order)
    connections = 1 if nat is SOURCE else 2
    assert len(related(audit)) == connections
    assert len(audit.flows) == 2 + connections
    assert eaten(audit).empty
    assert sorted(audit.flows["probes_eaten"].dropna()) == [0, 0]
    told = [one for one in audit.statements if "translated_as" in one]
    assert len(told) == 1
    assert told[0].startswith(f"{2 * connections} flows are")
    (notes,) = [one for one in audit.captures["notes"] if len(one)]
    assert f"{abs(skew):.6f} s" in notes[0]


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("nat", NATS.values(), ids=NATS)
@pytest.mark.parametrize("over", [True, False])
def test_probes_that_only_one_side_of_a_nat_saw_were_eaten(
    nat: Middlebox, over: bool, order: int, tmp_path: Path
) -> None:
    frames = talk(beats=5, over=over).frames
    audit = seen(tmp_path, frames, nat.beyond(without_probes(frames)), order=order)
    (found,) = eaten(audit).to_dict("records")
    assert (found["verdict"], found["severity"]) == ("fail", "high")
    assert "5 of them" in found["message"]
    rows = audit.flows.set_index("id")
    (beyond,) = rows.loc[found["flow"], "translated_as"]
    assert rows.loc[found["flow"], "heartbeat_verdict"] == "pass"
    assert rows.loc[beyond, "heartbeat_verdict"] != "fail"
    assert "heartbeat-missing" not in set(audit.findings["rule"])


@pytest.mark.parametrize("stamped", [True, False])
def test_a_connection_that_is_older_than_both_captures_is_known_by_what_it_reached(
    stamped: bool, tmp_path: Path
) -> None:
    frames = talk(beats=5, over=False, stamped=stamped).frames
    begin = next(at for at, (a, b) in enumerate(pairwise(frames)) if b.time - a.time > 4 * 10**8)
    old = frames[begin + 1 :]
    assert len(related(seen(tmp_path, old, SOURCE.beyond(old)))) == 1
    audit = seen(tmp_path, old, SOURCE.beyond(without_probes(old)))
    (found,) = eaten(audit).to_dict("records")
    assert "5 of them" in found["message"]
    assert set(audit.flows["outcome"]) == {"midstream"}


def test_a_tap_that_was_away_lost_the_probes_itself(tmp_path: Path) -> None:
    frames = talk(beats=6).frames
    far = SOURCE.beyond(without_probes(frames))
    begin = next(at for at, (a, b) in enumerate(pairwise(far)) if b.time - a.time > 10**9)
    planted(tmp_path / "config", files())
    parts = written(
        tmp_path, near=later(frames, 0.2), early=far[: begin + 1], late=far[begin + 1 :]
    )
    audit = auditor.audit(parts, config=tmp_path / "config", resolve=False)
    assert eaten(audit).empty  # its ring has a hole where they passed
    assert eaten(seen(tmp_path, frames, far[: begin + 1])).empty  # it was taken away before


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_interfaces_of_one_gateway_one_was_left_earlier(order: int, tmp_path: Path) -> None:
    """What is only routed is in both files at the same time: they are one recording."""
    frames = talk(beats=6).frames
    far = SOURCE.beyond(frames)
    begin = next(at for at, (a, b) in enumerate(pairwise(far)) if b.time - a.time > 10**9)
    audit = seen(tmp_path, frames, far[: begin + 1], skew=0, order=order)
    assert set(audit.captures["recording"]) == {1}
    assert len(related(audit)) == 1
    assert eaten(audit).empty
    audit = seen(tmp_path, frames, SOURCE.beyond(without_probes(frames)), skew=0, order=order)
    assert len(eaten(audit)) == 1


@pytest.mark.parametrize("thinned", [["near"], ["far"], ["near", "far"]])
def test_evidence_on_either_side_says_the_same(thinned: list[str], tmp_path: Path) -> None:
    frames = talk(beats=5).frames
    for far, count in ((frames, 0), (without_probes(frames), 1)):
        planted(tmp_path / "config", files())
        paths = written(tmp_path, near=frames, far=BOTH.beyond(far))
        names = {Path(one).stem: one for one in paths}
        for name in thinned:
            out = tmp_path / f"{name}-{count}.pcapng"
            auditor.thin(names[name], out)
            names[name] = str(out)
        audit = auditor.audit(list(names.values()), config=tmp_path / "config", resolve=False)
        assert len(related(audit)) == 2
        assert len(eaten(audit)) == count


@pytest.mark.parametrize("eats", [False, True])
@pytest.mark.parametrize("nat", [BOTH, NATS["both, numbered anew"]])
def test_both_sides_of_a_nat_in_one_capture_are_known_by_what_the_hellos_drew(
    nat: Middlebox, eats: bool, tmp_path: Path
) -> None:
    frames = talk(beats=5).frames
    far = nat.beyond(without_probes(frames) if eats else frames)
    both = sorted([*frames, *later(far, 0.000_03)], key=lambda one: one.time)
    planted(tmp_path / "config", files())
    (path,) = written(tmp_path, both=both)
    audit = auditor.audit(path, config=tmp_path / "config", resolve=False)
    assert len(related(audit)) == 2
    assert len(eaten(audit)) == eats
    assert "heartbeat-missing" not in set(audit.findings["rule"])


@pytest.mark.parametrize("number", [b"12345678.1795386425", b"87654321.1795386425"])
def test_in_clear_the_challenge_tells(number: bytes, tmp_path: Path) -> None:
    """The device numbers anew, so that nothing else is the same."""
    said = cleartext("Client fd3 calling", "R_DIRECTOR::dir")
    other = said[0], said[1].replace(b"12345678.1795386425", number)
    near, far = (
        Wire().dial(FD3, DIR, 9101, one).silence(0.3).talk().hang_up().frames
        for one in (said, other)
    )
    audit = seen(tmp_path, near, BOTH._replace(renumbers=5).beyond(far), skew=0)
    assert len(related(audit)) == (said == other)


def test_a_connection_of_before_is_not_known_where_it_is_numbered_anew(tmp_path: Path) -> None:
    frames = talk(beats=5, over=False).frames
    begin = next(at for at, (a, b) in enumerate(pairwise(frames)) if b.time - a.time > 4 * 10**8)
    old = frames[begin + 1 :]
    audit = seen(tmp_path, old, BOTH._replace(renumbers=5).beyond(without_probes(old)))
    assert related(audit) == set()
    assert eaten(audit).empty


def test_what_says_another_thing_is_another_connection(tmp_path: Path) -> None:
    one, other = (Wire().dial(DIR, SD1, 9103, DIRECTOR) for _ in range(2))
    other.talk()
    audit = seen(tmp_path, one.hang_up().frames, BOTH.beyond(other.hang_up().frames), skew=0)
    assert related(audit) == set()
    frames = Wire().dial(DIR, SD1, 9103, DIRECTOR).hang_up().frames
    assert len(related(seen(tmp_path, frames, BOTH.beyond(frames), skew=0))) == 1


def test_times_that_do_not_agree_show_that_somebody_played_it_again(tmp_path: Path) -> None:
    frames = talk().frames
    stretched = [
        Frame(frames[0].time + 2 * (one.time - frames[0].time), one.data, one.wire)
        for one in frames
    ]
    audit = seen(tmp_path, frames, BOTH.beyond(stretched))
    assert all(len(pair & set(audit.flows["id"][:1])) for pair in related(audit))


def test_clocks_that_drift_and_copies_at_other_times_hide_nothing(tmp_path: Path) -> None:
    wire = Wire().dial(FD3, DIR, 9101, drawing(FD, 2)).silence(0.5).talk().beats(900, 5)
    frames = wire.silence(0.9).talk().hang_up().frames
    begin = frames[0].time
    far = [
        Frame(one.time + (one.time - begin) // 12_500, one.data, one.wire)  # 80 in a million
        for one in SOURCE.beyond(without_probes(frames))
    ]
    copies = [
        frame
        for k in range(3)
        for frame in later(Middlebox({FD3: f"203.0.113.{k + 60}"}).beyond(frames), 40 * (k + 1))
    ]
    for more in ([], copies):
        both = sorted([*far, *more], key=lambda one: one.time)
        (found,) = eaten(seen(tmp_path, frames, both)).to_dict("records")
        assert found["verdict"] == "fail"


def test_who_copies_a_connection_can_accuse_and_not_acquit(tmp_path: Path) -> None:
    """Probes were eaten beyond the NAT; somebody shows a copy of the connection with them."""
    frames = talk(beats=5).frames
    far = SOURCE.beyond(without_probes(frames))
    copy = Middlebox({FD3: "203.0.113.66"}).beyond(frames)
    mixed = sorted([*far, *copy], key=lambda one: one.time)
    (found,) = eaten(seen(tmp_path, frames, mixed)).to_dict("records")
    assert found["verdict"] == "fail"


def test_of_what_many_have_the_same_numbers_nothing_is_told(tmp_path: Path) -> None:
    frames = Wire().dial(DIR, SD1, 9103, DIRECTOR).hang_up().frames
    copies = [
        frame for k in range(9) for frame in Middlebox({DIR: f"203.0.113.{k}"}).beyond(frames)
    ]
    audit = seen(tmp_path, frames, sorted(copies, key=lambda one: one.time), skew=0)
    assert related(audit) == set()
    notes = " ".join(note for one in audit.captures["notes"] for note in one)
    assert "9 of its connections have sequence numbers that many others have too" in notes


def test_hundreds_behind_one_nat_are_known_one_by_one(tmp_path: Path) -> None:
    wire = Wire(pace=0.0001)
    for k in range(300):
        wire.dial(f"10.0.1.{k % 250 + 1}", SD1, 9103).hang_up()
    inside = {f"10.0.1.{k + 1}": "203.0.113.7" for k in range(250)}
    audit = seen(tmp_path, wire.frames, Middlebox(inside).beyond(wire.frames), skew=0)
    pairs = related(audit)
    assert len(pairs) == 300
    ports = audit.flows.set_index("id")["initiator_port"]
    assert all(len({ports[one] for one in pair}) == 1 for pair in pairs)


@pytest.mark.parametrize("jobs", [None, 1])
def test_the_recording_of_a_real_nat_is_put_together(jobs: int | None) -> None:
    folder = CAPTURES / "lan-nat-active"
    paths = [folder / side / "capture.pcap" for side in ("lan", "wan")]
    audit = auditor.audit(paths, config=folder / "config", resolve=False, engine=jobs)
    assert len(related(audit)) == 6
    rows = audit.flows.set_index("id")
    for one, other in map(sorted, related(audit)):
        assert rows.loc[one, "connection"] == rows.loc[other, "connection"]
        assert rows.loc[one, "identity_name"] == rows.loc[other, "identity_name"]
    (alone,) = rows.index[
        (rows["initiator_address"] == "10.0.0.10") & (rows["acceptor_address"] == "10.0.0.20")
    ]
    assert list(rows.loc[alone, "translated_as"]) == []
