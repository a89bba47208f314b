"""A capture with other addresses and names is judged as the one with the true ones, and holds none
of them."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hello_wire import client_hello, extension, keys, message, record, startup, vector
from paths import CAPTURES
from tape import PORTS, Endpoint, Tape

import auditor
from auditor.errors import CaptureError
from auditor.evidence.anonymizing.address_map import AddressMap
from auditor.evidence.anonymizing.copying import key_of
from auditor.evidence.anonymizing.pseudonyms import Pseudonyms
from auditor.evidence.packet import Counters
from auditor.evidence.pcapng_file import Evidence
from auditor.evidence.thin_file import thin_capture
from auditor.packets import CaptureInfo, read_capture
from auditor.packets.link_types import ETHERNET
from auditor.packets.pcapng_comments import SocketFact
from auditor.packets.segments import CapturedOn
from auditor.packets.unseen_note import UnseenNote

_FILE = Path(__file__)
KEY = key_of(_FILE) or b""
RECORDINGS = sorted(CAPTURES.rglob("*.pcap")) + sorted(CAPTURES.rglob("live-*.pcapng"))
#: As plain Python the larger ones take seconds, and execute the same lines.
_EACH = pytest.mark.parametrize(
    "source",
    [
        pytest.param(path, marks=pytest.mark.bulk if path.stat().st_size > 80_000 else ())
        for path in RECORDINGS
    ],
    ids=["-".join(path.parts[-3:]) for path in RECORDINGS],
)
#: What tells the two files apart.
FILES = ("capture", "last_capture", "id")
NAMED = ["identity_name", "challenge_name", "server_name", "database", "database_user"]
FD, SD = Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)


class Pair:
    """The thinned copies of one capture, with and without names."""

    def __init__(self, source: Path, folder: Path) -> None:
        self.plain, self.hidden = folder / "plain.pcapng", folder / "hidden.pcapng"
        thin_capture(str(source), str(self.plain), PORTS)
        thin_capture(str(source), str(self.hidden), PORTS, anonymize=_FILE)
        self.octets = self.hidden.read_bytes()


@cache
def audits(source: Path) -> tuple[auditor.Audit, auditor.Audit, bytes]:
    with TemporaryDirectory() as folder:
        pair = Pair(source, Path(folder))
        return auditor.audit(pair.plain), auditor.audit(pair.hidden), pair.octets


def named(table: pd.DataFrame) -> set[str]:
    columns = [column for column in NAMED if column in table]
    return {str(one) for column in columns for one in table[column].dropna() if str(one)}


def addresses(table: pd.DataFrame) -> set[str]:
    return {*table["initiator_address"], *table["acceptor_address"]}


def pseudonyms(table: pd.DataFrame) -> dict[str, str]:
    """Return what stands for every address and name in a table."""
    names, places = Pseudonyms(KEY), AddressMap(KEY)
    known = {name: names.name(name.encode()).decode() for name in named(table)}
    return known | {one: places.text(one) for one in addresses(table)}


def cells(table: pd.DataFrame, known: dict[str, str]) -> list[list[str]]:
    """Return a table as text in which pseudonyms stand, without what tells the two files apart."""
    table = table.drop(columns=[one for one in FILES if one in table])
    programs = {"socket_process", "socket_reason"} & {*table}
    table = table.assign(**{one: table[one].map(as_a_program) for one in programs})
    longest = sorted(known, key=len, reverse=True)
    form = "|".join(rf"(?<![\w.-]){re.escape(one)}(?![\w-]|\.\d)" for one in longest)
    pattern = re.compile(form or r"(?!)")
    return [
        [pattern.sub(lambda found: known[found[0]], str(cell)) for cell in row]
        for row in table.itertuples(index=False)
    ]


def as_a_program(cell: object) -> str:
    """Return a cell that names programs, whose names are kept, spelled as no resource is."""
    return re.sub(r"\b(bareos)-(dir|fd|sd)\b", r"PROGRAM\2", str(cell))


def without_programs(octets: bytes) -> bytes:
    """Return a file without what is the same at every site."""
    return re.sub(rb'process="[^"]*"|bareos-audit|bareos-mon', b"", octets)


@_EACH
def test_the_audit_is_the_same_but_for_the_names(source: Path) -> None:
    plain, hidden, _ = audits(source)
    known = pseudonyms(plain.flows)
    assert cells(hidden.flows, {}) == cells(plain.flows, known)
    assert sorted(cells(hidden.findings, {})) == sorted(cells(plain.findings, known))
    assert hidden.verdict == plain.verdict


@_EACH
def test_no_address_and_no_name_is_left(source: Path) -> None:
    plain, hidden, octets = audits(source)
    known = pseudonyms(plain.flows)
    changed = {one for one, other in known.items() if one != other}
    assert not changed & (addresses(hidden.flows) | named(hidden.flows))
    for one in addresses(plain.flows) & changed:
        assert one.encode() not in octets
        assert ip_address(one).packed not in octets
    for one in named(plain.flows) & changed:
        assert len(one) < 5 or one.encode() not in without_programs(octets)


def test_a_key_in_a_file_makes_captures_agree_and_none_is_forgotten(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(b"sixteen letters.")
    assert key_of(file) == key_of(file) != key_of(wish=True)
    assert key_of(wish=True) != key_of(wish=True)
    assert key_of(wish=False) is None


@pytest.mark.parametrize("held", [None, b"", b"fifteen letters"])
def test_what_is_no_key_is_refused(tmp_path: Path, held: bytes | None) -> None:
    file = tmp_path / "key"
    if held is not None:
        file.write_bytes(held)
    with pytest.raises(CaptureError, match="head -c 32 /dev/urandom"):
        key_of(file)


def hidden(folder: Path, tape: Tape) -> bytes:
    source = folder / "full.pcap"
    source.write_bytes(tape.pcap())
    return Pair(source, folder).octets


SAID = {
    "identity": record(client_hello(keys(b"R_CLIENT\x1eSECRETNAME"))),
    "plain": record(client_hello(keys(b"SECRETNAME"))),
    "strange type": record(client_hello(keys(b"R_SECRETNAME\x1ex"))),
    "ticket": record(client_hello(keys(b"\xff\xfeSECRETNAME"))),
    "host": record(
        client_hello(extension(0, vector(2, b"\0" + vector(2, b"SECRETNAME.example.org"))))
    ),
    "hello": message(b"Hello Client SECRETNAME FdProtocolVersion=54 calling\n"),
    "job": message(b"Hello Start Job SECRETNAME.2026-01-02_03.04.05_06\n"),
    "no form": message(b"Hello SECRETNAME, who are you?\n"),
    "version": message(b'Hello Client x calling Version="SECRETNAME"\n'),
    "user": startup(user="SECRETNAME", database="SECRETNAME"),
}
ANSWERS = [
    b"auth cram-md5 <1.2@R_STORAGE::SECRETNAME> ssl=0\n",
    b"auth cram-md5 <1.2@SECRETNAME> ssl=0\n",
    b"1000 OK: SECRETNAME Version: 23.0.3 (10 July 2023)\n",
    b"1999 SECRETNAME is not known here\n",
    b"SECRETNAME rejected\n",
]


@pytest.mark.parametrize("said", SAID.values(), ids=SAID)
@pytest.mark.parametrize("size", [3, 17, 4096])
def test_a_name_in_pieces_is_hidden(tmp_path: Path, said: bytes, size: int) -> None:
    tape = Tape().syn(FD, SD).synack().ack()
    for at in range(0, len(said), size):
        tape.send(FD, said[at : at + size])
    octets = hidden(tmp_path, tape.other())
    assert b"SECRET" not in octets
    assert b"ETNAME" not in octets


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_is_hidden(tmp_path: Path, answer: bytes) -> None:
    tape = Tape().syn(FD, SD).synack().ack()
    tape.send(FD, message(b"Hello Client fd1 calling\n")).send(SD, message(answer))
    assert b"SECRETNAME" not in hidden(tmp_path, tape)


def test_what_others_wrote_into_comments_is_hidden(tmp_path: Path) -> None:
    first = SocketFact(
        5, ("10.7.7.1", 9102), ("10.7.7.2", 9101), "LISTEN", True, 1, 1, 1, True, 7, ""
    )
    facts = (first, replace(first, process="SECRETNAME"), replace(first, process="bareos-fd"))
    ends = ((("10.7.7.1", 9102), 5), (("10.7.7.2", 9101), 0))
    info = CaptureInfo("x", "pcapng", "file", "Ethernet", first=1, last=9, facts=facts)
    info = replace(info, addresses=("10.7.7.1", "fe80::7"))
    written: list[bytes] = []
    evidence = Evidence(written.append, "")
    evidence.describe((CapturedOn("SECRETNAME", ETHERNET),))
    lacks = ("SECRETNAME was down", "7 acknowledged bytes were never captured")
    evidence.end(info, Counters(9, 1, 1), lacks, (), (UnseenNote(ends, 5),), ("SECRETNAME",))
    source = tmp_path / "full.pcapng"
    source.write_bytes(b"".join(written))
    pair = Pair(source, tmp_path)
    assert b"SECRETNAME" in pair.plain.read_bytes()
    assert b"SECRETNAME" not in pair.octets
    with read_capture(str(pair.hidden), PORTS) as reader:
        list(reader)
        told, names = reader.info, [one.name for one in reader.interfaces]
    places = AddressMap(KEY)
    assert names == ["if0"]
    assert told.lacks == ("something that is not told in a capture without names", lacks[1])
    assert told.unreadable == told.lacks[:1]
    assert set(told.addresses) == {places.text("10.7.7.1"), places.text("fe80::7")}
    assert {fact.local[0] for fact in told.facts} == {places.text("10.7.7.1")}
    assert {fact.process for fact in told.facts} >= {"", "bareos-fd"}
    assert told.unseen == () or told.unseen[0].octets[0][0][0] == places.text("10.7.7.1")
