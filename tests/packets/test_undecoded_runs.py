"""Between whom and when what could not be decoded passed: of which frames, and as text."""

from __future__ import annotations

import pytest
from decoding import SECOND, seen, tcp
from frames import ethernet
from pcapfile import Pcapng, pcap

from auditor.packets import Decoder
from auditor.packets.segments import HEADLESS, HEADS_CUT, UndecodedRun
from auditor.packets.undecoded_runs import run_from_comment, run_to_comment

A, B = "192.0.2.1", "192.0.2.2"
SIX = "2001:db8::1", "2001:db8::2"
ESP, GRE, UDP, TCP, DESTINATION = 50, 47, 17, 6, 60
SEGMENT = bytes(tcp(b"data" * 6))
OTHERS = bytes(tcp(b"data" * 6, sport=22, dport=40000))


def runs(*frames: bytes, snaplen: int = 262144) -> list[tuple[str, str, str, int]]:
    info = seen([pcap([(SECOND, frame) for frame in frames], snaplen=snaplen)])[1]
    assert sum(run.packets for run in info.runs) == sum(one.packets for one in info.may_hold)
    assert all(run.first == run.last == SECOND for run in info.runs)
    return [(run.source, run.target, run.layer, run.packets) for run in info.runs]


def fragment(data: bytes, offset: int, more: bool, protocol: int = TCP, ident: int = 7) -> bytes:
    """Return a fragment of ``data`` from one host to another, whole but for what is named."""
    frame = bytearray(ethernet(A, B, protocol, data, ident=ident))
    frame[20:22] = (more << 13 | offset // 8).to_bytes(2, "big")
    return bytes(frame)


def test_of_what_is_hidden_or_damaged_behind_an_ip_header_the_hosts_are_told() -> None:
    longer = bytearray(ethernet(A, B, TCP, SEGMENT))
    longer[16:18] = (999).to_bytes(2, "big")
    endless = b"".join(bytes([DESTINATION, 0]) + bytes(6) for _ in range(9))
    assert runs(ethernet(A, B, ESP, bytes(40)), ethernet(B, A, ESP, bytes(40))) == [
        (A, B, "ESP", 1),
        (B, A, "ESP", 1),
    ]
    assert runs(bytes(longer)) == [(A, B, "damaged IP headers", 1)]
    assert runs(ethernet(*SIX, DESTINATION, endless)) == [(*SIX, "damaged IP headers", 1)]
    assert runs(ethernet(*SIX, 250, bytes(40))) == [(*SIX, "IP protocol 250", 1)]


def test_of_a_cut_segment_on_the_ports_and_of_no_other_the_hosts_are_told() -> None:
    assert runs(ethernet(A, B, TCP, SEGMENT), snaplen=40) == [(A, B, HEADS_CUT.layer, 1)]
    assert runs(ethernet(*SIX, TCP, SEGMENT), snaplen=60) == [(*SIX, HEADS_CUT.layer, 1)]
    assert runs(ethernet(A, B, TCP, OTHERS), snaplen=40) == []


def test_of_what_is_hidden_below_ip_or_in_a_tunnel_nobody_is_told() -> None:
    macsec = bytes(12) + b"\x88\xe5\x2c" + bytes(40)
    inner = ethernet("10.9.9.1", "10.9.9.2", ESP, bytes(40))[14:]
    assert runs(macsec) == [("", "", "MACsec", 1)]
    assert runs(ethernet(A, B, GRE, b"\0\0\x88\xe5\x2c" + bytes(40))) == [("", "", "MACsec", 1)]
    assert runs(ethernet(A, B, 4, inner)) == [("10.9.9.1", "10.9.9.2", "ESP", 1)]
    assert runs(ethernet(A, B, TCP, SEGMENT), snaplen=30) == [
        ("", "", "headers that were cut by the recorder", 1)
    ]


def test_what_can_hold_nothing_and_what_is_decoded_make_no_run() -> None:
    runt = ethernet(A, B, TCP, SEGMENT[:6])
    assert runs(bytes(9), runt, ethernet(A, B, TCP, SEGMENT)) == []


def test_fragments_count_while_their_datagram_may_have_been_of_the_ports() -> None:
    first, last = fragment(SEGMENT[:24], 0, more=True), fragment(SEGMENT[24:], 24, more=False)
    assert runs(last) == [(A, B, HEADLESS.layer, 1)]
    assert runs(last, first) == runs(first, last) == []
    assert runs(fragment(bytes(24), 24, more=False, protocol=4)) == [("", "", HEADLESS.layer, 1)]


@pytest.mark.parametrize("turn", [1, -1])
def test_fragments_of_other_ports_count_for_nothing(turn: int) -> None:
    pieces = [
        fragment(OTHERS[:24], 0, more=True),
        fragment(OTHERS[24:32], 24, more=True),
        fragment(OTHERS[32:], 32, more=False),
    ]
    assert runs(*pieces[::turn]) == []
    found, info = seen([pcap([(SECOND, frame) for frame in pieces[::turn]])])
    assert (found, info.fragments) == ([], 0)


@pytest.mark.parametrize("cut", [24, 8])
def test_a_first_fragment_of_other_ports_hides_none_of_these(cut: int) -> None:
    """Anybody can send one, which its receiver never takes."""
    lie = fragment(OTHERS[:24], 0, more=True)
    pieces = [fragment(SEGMENT[:cut], 0, more=True), fragment(SEGMENT[cut:], cut, more=False)]
    for order in ([lie, *pieces], [pieces[0], lie, pieces[1]], [lie, pieces[1], pieces[0]]):
        found, info = seen([pcap([(SECOND, frame) for frame in order])])
        assert found
        assert info.fragments == 0


@pytest.mark.bulk
def test_of_datagrams_that_are_forgotten_for_others_as_many_are_told() -> None:
    many = [fragment(SEGMENT[24:], 24, more=False, ident=number) for number in range(9000)]
    assert runs(*many) == [(A, B, HEADLESS.layer, 9000)]


def test_a_fragment_is_told_once_of_the_file_that_has_it() -> None:
    """Also if a file after it shows that nothing more of the datagram comes, or that it does."""
    one, other = (fragment(SEGMENT[24:], 24, more=False, ident=number) for number in (1, 2))
    more = fragment(SEGMENT[16:24], 16, more=True, ident=1)
    rest = fragment(SEGMENT[:16], 0, more=True, ident=1)
    files, earlier, told = ([(1, one)], [(2, other), (9, more)], [(9, rest)]), None, []
    for file in files:
        decoder = Decoder([9102], "one", earlier)
        found = [*decoder.feed(pcap([(second * SECOND, frame) for second, frame in file]))]
        told.append((len(found), sum(run.packets for run in decoder.finish().runs)))
        earlier = decoder.so_far
    assert told == [(0, 1), (0, 2), (1, 0)]


def test_what_fragments_hold_together_is_told_of_the_whole() -> None:
    tunnelled = ethernet("10.9.9.1", "10.9.9.2", ESP, bytes(40))[14:]
    pieces = [fragment(tunnelled[:24], 0, True, 4), fragment(tunnelled[24:], 24, False, 4)]
    assert runs(*pieces) == [("10.9.9.1", "10.9.9.2", "ESP", 1)]


def test_a_damaged_record_is_of_a_time() -> None:
    """One that claims more octets than it has, and one of an interface that there is not."""
    file = Pcapng().interface(tsresol=9).enhanced(5 * SECOND, bytes(60))
    damaged = bytearray(bytes(file.enhanced(6 * SECOND, bytes(60))))
    damaged[-72:-68] = (99).to_bytes(4, "little")
    (run,) = seen([bytes(damaged)])[1].runs
    assert run == UndecodedRun("", "", "damaged records", 6 * SECOND, 6 * SECOND, 1)
    (run,) = seen([bytes(file.enhanced(7 * SECOND, bytes(60), interface=3))])[1].runs
    assert run == UndecodedRun("", "", "damaged records", 6 * SECOND, 6 * SECOND, 1)


# ---------------------------------------------------------------------- as text

RUNS = [
    UndecodedRun(A, B, "ESP", 1_800_000_000 * SECOND, 1_800_000_001 * SECOND, 12),
    UndecodedRun("", "", "link type 195 (IEEE 802.15.4)", -5, 0, 1),
    UndecodedRun(*SIX, "EtherType 0x1234", 0, 1 << 62, 10**17),
    UndecodedRun("", "", "other layers", 7, 7, 1),
    UndecodedRun(A, B, HEADS_CUT.layer, 7, 7, 1),
]


@pytest.mark.parametrize("run", RUNS)
def test_what_is_written_is_read(run: UndecodedRun) -> None:
    line = run_to_comment(run)
    assert run_from_comment(line) == run
    for text in (" " + line, line + "s", line.replace("packets=", "packets=0"), line[:-1]):
        assert run_from_comment(text) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (A, "192.0.2.256"),
        (A, "a.b"),
        ("ESP", "the host secret.example"),
        ("ESP", "damaged TCP headers"),
        ("ESP", "E" * 90),
        ("from=1800000000", "from=1800000002"),
        ("until=1", "until=9"),
        ("bareos-audit", "bareos"),
    ],
)
def test_what_no_capture_says_of_itself_is_refused(old: str, new: str) -> None:
    line = run_to_comment(RUNS[0])
    assert old in line
    assert run_from_comment(line.replace(old, new)) is None
