"""The contract is filled: every column holds something somewhere, and so does every word occur."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from audits import RECORDINGS, recorded
from hello_wire import record
from networks import LATER, SHIFT, anew, beating, in_vlan, together, told
from paths import CAPTURES
from pcapfile import shortened
from pieces_of_tape import later, written
from scene import (
    DB,
    DIR,
    DIRECTOR,
    FD1,
    FD2,
    FD3,
    JOB,
    SD1,
    SD2,
    STRANGER,
    Wire,
    audit,
    cleartext,
    edited,
    half_a_login,
    job,
    network,
    offer,
    planted,
    refused,
    tls,
)
from talking import ENDS
from tape import Frame, Tape
from thinning_stage import recorded_live

import auditor
from auditor.evidence import blocks
from auditor.evidence.packet import Counters, Interface, Packet
from auditor.judge.tables.captures import capture_row
from auditor.judge.tables.columns import ALL_TABLES
from auditor.judge.tables.problems import problem_row
from auditor.judge.tables.settings import setting_rows
from auditor.judge.tables.table import Table, build
from auditor.packets.capture_format import CaptureFormat
from auditor.packets.pcapng_comments import THINNED, SocketFact, facts_to_comment
from auditor.packets.segments import CaptureInfo, Clock, ClockStep
from auditor.pipeline.host import judge_sockets
from auditor.site.idle_limits import read_idle_limits

#: The storage daemon has two addresses, and a Job verifies.
OTHER = "10.0.0.22"
VERIFIED = network(
    dir=edited("dir", f"sd1; Address = {SD1}", "sd1; Address = sd1.example").replace(
        "Job { Name = copy",
        "Job { Name = verify; JobDefs = defs; Type = Verify; Level = VolumeToCatalog\n"
        "  Client = fd1 }\nJob { Name = copy",
    ),
    sd1=edited("sd1", "Name = sd1", f"Name = sd1; Source Address = {OTHER}"),
)
LAN = network(
    dir=edited(
        "dir", f"fd1; Address = {FD1}", f"fd1; Address = {FD1}; LanAddress = 10.5.0.31"
    ).replace(f"sd1; Address = {SD1}", f"sd1; Address = {SD1}; LanAddress = 10.5.0.20")
)
EASY = {
    path: text.replace("Heartbeat", "TLS Require = no; Heartbeat").replace(
        "Password = sd1pw", "Password = sd1pw; TLS Require = no"
    )
    for path, text in network().items()
}
ODD = {
    **network(),
    "fd1/bareos-fd.conf": """
Client { Name = fd1; TLS Enable = true }
Director { Name = dir }
""",
    "fd2/bareos-fd.conf": """
Client { Name = fd2 }
Director { Name = dir; Password = other }
""",
}
WAIVERS = "waivers: [{rule: unknown-initiator, daemon: sd1, until: 2999-01-01, reason: known}]"
SOCKET_RULE = "socket-heartbeat-wrong"
CLIENT = tls("R_CLIENT\x1efd3")


def cut(tape: Wire, first: int) -> Wire:
    """Let the capture begin later."""
    tape.frames = tape.frames[first:]
    return tape


def sent_by(address: str, tape: Wire) -> Wire:
    """Leave one direction only."""
    source = bytes(map(int, address.split(".")))
    tape.frames = [frame for frame in tape.frames if frame.data[26:30] == source]
    return tape


def strange() -> Wire:
    tape = Wire().attempt(DIR, OTHER, 9103).rst().dial(DIR, SD1, 9103, DIRECTOR).duplicate()
    tape.dial(FD1, SD1, 9103, tls(job("verify"))).talk().drop(2).talk()
    return tape.dial(STRANGER, SD1, 9103).silence(3).midstream(STRANGER, SD1, 9103).talk()


def unanswered() -> Wire:
    tape = Wire().dial(FD3, DIR, 9101, CLIENT)
    tape.silence(30).probe(tape.acceptor).answer().silence(30).probe(tape.initiator, b"\0").answer()
    for _ in range(3):
        tape.silence(30).probe(tape.initiator)
    return tape.silence(9).other()


def forgotten(tape: Wire) -> Wire:
    """What comes after a long silence is not acknowledged, while the host is heard elsewhere."""
    tape.dial(FD1, SD1, 9103, JOB).talk().silence(500)
    tape.send(tape.initiator, b"late").silence(1).resend(tape.initiator)
    return tape.silence(9).dial(DIR, SD1, 9103, DIRECTOR)


def too_big() -> Wire:
    tape = Wire().dial(FD1, SD1, 9103, JOB).talk()
    tape.send(tape.initiator, bytes(1400)).error("10.0.0.1", 3, 4, mtu=1200)
    return tape.silence(1).resend(tape.initiator)


def tapes() -> Iterator[tuple[Wire, dict[str, str], str]]:
    """Yield what fills the columns and words that no recording fills, with a configuration and
    the text of a site file."""
    yield strange(), VERIFIED, WAIVERS
    yield unanswered(), network(), ""
    yield forgotten(Wire()), network(), ""
    yield forgotten(Wire().dial(FD1, SD1, 9103, JOB).silence(600).talk()), network(), ""
    yield too_big(), network(), ""
    tape = Wire().attempt(FD3, DIR, 9101).synack().ack()
    tape.segment(tape.initiator, "PA", b"*" * 9).send(tape.initiator, CLIENT[0]).ack()
    yield tape, network(), ""
    yield Wire().attempt(FD1, SD1, 9103).error(SD1, 3, 10), network(), ""
    yield Wire().dial(FD3, DIR, 9101, CLIENT).beats(50).silence(500).other(), network(), ""
    yield Wire().dial(FD3, DIR, 9101, CLIENT).silence(500).other(), network(), ""
    yield Wire().dial(DIR, FD3, 9102, DIRECTOR), network(), ""
    yield cut(Wire().dial(DIR, SD1, 9103, DIRECTOR), 1), EASY, ""
    yield cut(Wire().dial(DIR, SD1, 9103, DIRECTOR), 3), network(sd1=None), ""
    yield sent_by(DIR, Wire().dial(DIR, SD1, 9103, DIRECTOR).talk()), network(), ""
    yield Wire().dial(FD1, SD1, 9103, JOB), LAN, ""
    yield Wire().dial(STRANGER, DIR, 9101, tls("R_CONSOLE\x1eadmin", proven=False)), network(), ""
    yield Wire().dial(FD1, SD1, 9103, JOB), network(dir=None), ""
    yield from turned_away()
    tape = Wire().dial(DIR, SD1, 9103, DIRECTOR)
    storage = tape.initiator, tape.acceptor
    tape.dial(DIR, FD1, 9102, DIRECTOR).silence(5).hang_up().on(*storage).hang_up()
    yield tape, network(dir=edited("dir", f"sd1; Address = {SD1}", "sd1; Address = storage")), ""


def turned_away() -> Iterator[tuple[Wire, dict[str, str], str]]:
    """Yield logins that were refused, one for each kind of cause."""
    asks = Wire().dial(DIR, SD1, 9103, refused("R_DIRECTOR\x1edir")).turn_away()
    yield asks, network(), ""
    yield asks, network(sd1=edited("sd1", "= sd1pw", "= other")), ""
    yield asks, network(sd1=edited("sd1", "Name = dir;", "Name = other;")), ""
    yield Wire().dial(FD1, DIR, 9101, half_a_login("R_CLIENT\x1efd1")).turn_away(), network(), ""
    console = Wire().dial(FD1, FD2, 9102, refused("R_CONSOLE\x1eadmin")).turn_away()
    yield console, network(), ""
    yield (
        Wire()
        .dial(DIR, FD1, 9102, refused("R_DIRECTOR\x1edir"))
        .turn_away()
        .dial(DIR, FD1, 9102, cleartext("Director dir calling", "R_CLIENT::fd1")),
        network(),
        "",
    )
    distrusts = offer("R_DIRECTOR\x1edir") + record(b"\x02\x30", kind=21)
    yield Wire().dial(DIR, SD1, 9103, (distrusts, tls(None)[1])).hang_up(), network(), ""
    claims = Wire().dial(STRANGER, DIR, 9101, (offer("R_CONSOLE\x1eadmin"), b"")).hang_up()
    yield claims, network(), ""
    proves = Wire().dial(STRANGER, DIR, 9101).dial(STRANGER, FD1, 9102, DIRECTOR)
    yield proves, network(), ""


def socket_facts(tape: Wire) -> list[SocketFact]:
    """Return both ends of the flow that was dialled last."""
    here = tape.initiator.address, tape.initiator.port
    there = tape.acceptor.address, tape.acceptor.port
    usual = SocketFact(
        tape.now, here, there, "ESTABLISHED", True, 60.0, 75.0, 9, True, 711, "bareos-dir", 1.5
    )
    return [usual, replace(usual, local=there, remote=here, process="bareos-sd", keepalive=False)]


def sockets() -> Iterator[tuple[Wire, list[SocketFact]]]:
    """Yield flows, and what the recording host knows of their sockets."""
    tape = Wire().dial(DIR, SD1, 9103, DIRECTOR)
    fact, other = socket_facts(tape)
    silent = replace(fact, local=(DIR, 49999), remote=(SD2, 9103), time=1)
    yield tape, [fact, silent]
    yield tape, [replace(fact, own_timers=False, idle_s=7200.0)]
    yield tape, [other]
    tape = Wire().dial(FD1, SD1, 9103, JOB)
    yield tape, [replace(socket_facts(tape)[0], process="bareos-fd")]
    tape = Wire().dial(STRANGER, SD1, 9103)
    yield tape, [replace(socket_facts(tape)[0], process="nc")]
    tape = Wire().dial(STRANGER, DB, 5432)
    yield tape, [replace(socket_facts(tape)[0], process="nc")]


def live(config: Path, tape: Wire, facts: Sequence[SocketFact]) -> auditor.Audit:
    """Return the audit of a recording that lost packets and has socket facts."""
    growing = auditor.live_audit(config=config, resolve=False)
    growing.feed(blocks.section("bareos-audit", "", "", [THINNED]))
    growing.feed(blocks.interface(Interface("eth0", 1), "", ""))
    comments = [facts_to_comment(fact) for fact in facts]
    for frame in tape.frames:
        packet = Packet(frame.time, 0, frame.data, len(frame.data))
        growing.feed(blocks.packet(packet, comments))
        comments = []
    growing.feed(blocks.statistics(0, Counters(9, 9, 9, 1, 0), tape.now, tape.now))
    return growing.audit("eth0", ["Recorded by a test."])


def two_taps(folder: Path) -> auditor.Audit:
    """Return the audit of two taps between which probes get lost."""
    tape = Wire().dial(FD3, DIR, 9101).beats(30, 4).hang_up()
    far = later([*tape.frames[:3], *tape.frames[-4:]], 0.25)
    paths = written(folder, near=tape.frames, far=far)
    return auditor.audit(paths)


def two_networks() -> Tape:
    """Return a connection of each of two networks that have the same addresses."""
    one, tape = told(beating(ENDS["IPv4"], 20)), Tape()
    frames = together(in_vlan(one, 10), in_vlan(anew(one, SHIFT, LATER), 20))
    tape.frames = [Frame(*frame) for frame in frames]
    return tape


@cache
def tables() -> dict[str, list[Table]]:
    """Return all tables by name: of the recordings, of the tapes, and of this host's sockets."""
    audits = [recorded(name, configured=known) for name in RECORDINGS for known in (True, False)]
    with TemporaryDirectory() as name:
        folder = Path(name)
        hosts = folder / "hosts"
        hosts.write_text(f"{SD1} sd1.example\n{OTHER} sd1.example\n")
        calling = Wire().dial(DIR, SD1, 9103, cleartext("Director dir calling 10002", ""))
        audits.append(audit(folder / "bacula", calling, {}))
        (bacula,) = (CAPTURES / "cases").glob("40-*")
        audits.append(auditor.audit(bacula / "capture.pcap", config=bacula / "config"))
        again = auditor.load_network(config=CAPTURES / "trouble" / "config", resolve=False,
                                     baseline=recorded("trouble"))  # fmt: skip
        audits.append(auditor.audit(CAPTURES / "trouble" / "capture.pcap", network=again))
        unkept = (bacula / "capture.pcap").read_bytes().replace(b"or dir1 c", b"or d\xffr1 c")
        (folder / "unkept.pcap").write_bytes(unkept)
        auditor.thin(folder / "unkept.pcap", folder / "thin.pcapng", config=bacula / "config")
        audits.append(auditor.audit(folder / "thin.pcapng", config=bacula / "config"))
        copied = CAPTURES / "self-copy"
        taps = [copied / "capture.pcap", copied / "live-dir-all.pcapng"]
        audits.append(auditor.audit(taps, config=copied / "config", resolve=False))
        audits += [two_taps(folder), audit(folder / "vlans", two_networks(), {})]
        nat = CAPTURES / "lan-nat-active"
        sides = [nat / "lan" / "capture.pcap", nat / "wan" / "capture.pcap"]
        audits.append(auditor.audit(sides, config=nat / "config", resolve=False))
        for number, (tape, files, site) in enumerate(tapes()):
            audits.append(audit(folder / str(number), tape, files, site=site, hosts=hosts))
        tape = Wire().dial(DIR, SD1, 9103, DIRECTOR)
        tape.segment(next(iter(tape.connection.halves)), "P", b"junk").silence(1).other()
        audits.append(audit(folder / "live", recorded_live(tape)))
        (folder / "cut.pcap").write_bytes(shortened(calling.pcap(), 66))
        audits.append(auditor.audit(folder / "cut.pcap", resolve=False))
        config = planted(folder / "config", network(fd1=None))
        (folder / "site.yaml").write_text(WAIVERS.replace("unknown-initiator", SOCKET_RULE))
        known = auditor.load_network(config=config, resolve=False, site=folder / "site.yaml")
        audits += [live(config, tape, some) for tape, some in sockets()]
        judged = [judge_sockets(some, known) for tape, some in sockets()]
        odd = auditor.load_network(config=planted(folder / "odd", ODD), resolve=False).site
    assert odd is not None
    seen = frozenset(one for problem in odd.problems for one in problem.affects)
    problems = build("problems", (problem_row(one, seen) for one in odd.problems))
    found = {name: [one.tables[name] for one in audits] for name in audits[0].tables}
    limits = read_idle_limits({"all": "60m", 12: "never"})
    settings = build("settings", setting_rows(odd, limits, {row.id for row in odd.expectations}))
    clock = Clock(9, (ClockStep(9, 5),))
    info = CaptureInfo("a", "pcap", "", "", clock=clock, before=7, short=1)
    crowd = capture_row(info, (), (), ["70000 attempts"])
    found["captures"].append(build("captures", [crowd]))  # a flood takes too long here
    return {**found, "sockets": judged, "problems": [problems], "settings": [settings]}


def values(table: str, column: str) -> list[object]:
    return [value for one in tables()[table] for value in one.values(column)]


@pytest.mark.parametrize("table", ALL_TABLES)
def test_every_column_holds_something_somewhere(table: str) -> None:
    assert [name for name in ALL_TABLES[table] if not any(values(table, name))] == []


#: Words that columns share with others, where they do not occur: only acceptors are catalogs, and
#: they never are consoles; and formats of other programs, which no recording has.
_ELSEWHERE = {
    ("captures", "format"): set(CaptureFormat) - {CaptureFormat.PCAP, CaptureFormat.PCAPNG},
    ("flows", "heartbeat_fault"): {"unasked"},
    ("flows", "initiator_role"): {"catalog"},
    ("flows", "acceptor_role"): {"console", "tray monitor"},
}


@pytest.mark.parametrize("table", ["flows", "probes", "expectations", "captures", "findings"])
def test_every_word_occurs(table: str) -> None:
    for name, column in ALL_TABLES[table].items():
        if column.words and (table, name) != ("probes", "connection"):
            missing = set(column.listed_words()) - set(values(table, name))
            assert missing == _ELSEWHERE.get((table, name), set()), name


@pytest.mark.parametrize("name", ["side", "keepalive", "verdict", "confidence"])
def test_every_word_of_a_socket_occurs(name: str) -> None:
    assert set(values("sockets", name)) == {*ALL_TABLES["sockets"][name].listed_words()}


@pytest.mark.parametrize("table", ALL_TABLES)
def test_a_word_that_is_not_optional_is_never_missing(table: str) -> None:
    for name, column in ALL_TABLES[table].items():
        if column.words and not column.optional:
            assert "" not in values(table, name), name


@pytest.mark.parametrize("table", ALL_TABLES)
def test_words_are_texts_and_each_is_there_once(table: str) -> None:
    for name, column in ALL_TABLES[table].items():
        words = column.listed_words()
        assert len(set(words)) == len(words)
        assert "" not in words
        assert column.dtype == "str" or not (words or column.optional), name
