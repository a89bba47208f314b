"""The full and the thinned recording of a real Bareos network lead to one judgement."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hello_wire import recorded
from paths import CAPTURES
from tape import PORTS
from thinning_stage import kept, kind, thinned

import auditor
from auditor.evidence.header_options import without_options
from auditor.evidence.packet import Packet
from auditor.evidence.thin_file import thin_capture
from auditor.evidence.thinning import Thinner
from auditor.flows.hello.framing import cut_messages
from auditor.packets import Decoder

pytestmark = pytest.mark.usefixtures("each_thinner")

FOLDERS = sorted(path.parent for path in CAPTURES.rglob("truth.csv"))

#: What a thinned flow says as the full one does; a heartbeat_reason that speaks of a silence
#: too short to judge may name another figure, and counts are lower bounds.
SAME = [
    "initiator_address",
    "initiator_port",
    "acceptor_address",
    "acceptor_port",
    "initiator_evidence",
    "outcome",
    "started",
    "ended",
    "connection",
    "transport",
    "identity_type",
    "identity_name",
    "heartbeat_expected_s",
    "heartbeat_observed_s",
    "heartbeat_probes",
    "heartbeat_answered",
    "heartbeat_verdict",
    "missing",
    "one_sided",
    "login_refused_by",
    "login_refused_how",
]
_CASES = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def config_of(folder: Path) -> Path:
    return next(
        place / "config" for place in (folder, folder.parent) if (place / "config").is_dir()
    )


def audits(folder: Path) -> tuple[auditor.Audit, auditor.Audit]:
    """Return the audit of the full and of the thinned recording."""
    return _audits(folder, kind())


@cache
def _audits(folder: Path, _: type) -> tuple[auditor.Audit, auditor.Audit]:
    full, config = folder / "capture.pcap", config_of(folder)
    with TemporaryDirectory() as place:
        thin = Path(place) / "thin.pcapng"
        auditor.thin(full, thin, config=config, resolve=False)
        first, second = (
            auditor.audit(capture, config=config, resolve=False) for capture in (full, thin)
        )
    return first, second


def rows(table: pd.DataFrame, columns: list[str]) -> list[tuple[str, ...]]:
    return [tuple(map(str, row)) for row in table[columns].itertuples(index=False)]


@cache
def _made(folder: Path, _: type) -> tuple[list[Packet], bytes]:
    capture = (folder / "capture.pcap").read_bytes()
    return kept([capture]), thinned(capture)


def packets_of(folder: Path) -> list[Packet]:
    """Return what is kept of a recording."""
    return _made(folder, kind())[0]


def file_of(folder: Path) -> bytes:
    """Return it as a file."""
    return _made(folder, kind())[1]


@_CASES
def test_flows_numbers_identities_and_heartbeats_are_the_same(folder: Path) -> None:
    full, thin = audits(folder)
    assert rows(thin.flows, SAME) == rows(full.flows, SAME)


@_CASES
def test_every_finding_is_the_same(folder: Path) -> None:
    full, thin = audits(folder)
    columns = ["rule", "verdict", "flow", "expectation"]
    assert rows(thin.findings, columns) == rows(full.findings, columns)


@_CASES
def test_every_probe_is_the_same(folder: Path) -> None:
    """But for their frames, which count in each file."""
    full, thin = audits(folder)
    columns = [name for name in full.probes.columns if name not in {"capture", "frame"}]
    assert rows(thin.probes, columns) == rows(full.probes, columns)


def test_what_tls_proves_stays_proven() -> None:
    full, thin = audits(CAPTURES / "modes")
    assert full.flows["identity_proven"].any()
    assert rows(thin.flows, ["identity_proven"]) == rows(full.flows, ["identity_proven"])


@_CASES
def test_the_audit_knows_that_counts_are_lower_bounds(folder: Path) -> None:
    _, thin = audits(folder)
    (notes,) = thin.captures["notes"]
    assert any("thinned" in note and "lower bounds" in note for note in notes)
    assert not thin.captures["incomplete"].any()


@pytest.mark.parametrize(
    "folder", ["modes", "heartbeat", "cleartext", "trouble", "lan-nat-active/wan"]
)
def test_a_thinned_recording_of_backups_is_six_times_smaller_or_more(folder: str) -> None:
    """The other recordings hold little else than what an audit needs."""
    size = (CAPTURES / folder / "capture.pcap").stat().st_size
    assert len(file_of(CAPTURES / folder)) * 6 < size


@_CASES
def test_times_are_in_order(folder: Path) -> None:
    times = [packet.time for packet in packets_of(folder)]
    assert times == sorted(times)


@_CASES
def test_a_thinned_recording_is_thinned_into_itself(folder: Path) -> None:
    written, decoder = file_of(folder), Decoder(PORTS)
    list(decoder.feed(written))
    again = kept([written], Thinner(64, everything=True))
    assert [packet._replace(comment="") for packet in again] == [
        one._replace(data=without_options(decoder.interfaces[one.interface].link, one.data))
        for one in packets_of(folder)
    ]


@_CASES
def test_no_payload_lies_beyond_the_first_four_kilobytes_of_a_stream(folder: Path) -> None:
    decoder = Decoder(PORTS)
    (batch,) = decoder.feed(file_of(folder))
    base: dict[tuple[int, ...], int] = {}
    for row in batch.segments:
        key = tuple(int(row[name]) for name in ("src_lo", "dst_lo", "sport", "dport"))
        if row["flags"] & 2:
            base[key] = int(row["seq"]) + 1
        elif row["captured"]:
            offset = (int(row["seq"]) - base.get(key, int(row["seq"]))) % 2**32
            assert offset + int(row["captured"]) <= 4096


def test_of_cleartext_only_the_first_message_of_each_side_is_left() -> None:
    thin = file_of(CAPTURES / "cleartext")
    later = []
    for flow in (flow for flow in recorded("cleartext") if flow.acceptor_port != 5432):
        for stream in (flow.initiator, flow.acceptor):
            first, *rest = cut_messages(stream).messages
            assert isinstance(first, int) or first in thin
            later += [message for message in rest if isinstance(message, bytes)]
    later = [message for message in later if len(message) >= 16]
    assert len(later) > 100
    assert not [message for message in later if message in thin]


def test_of_the_catalog_nothing_after_the_startup_is_left() -> None:
    thin = file_of(CAPTURES / "cleartext")
    flows = [flow for flow in recorded("cleartext") if flow.acceptor_port == 5432]
    assert flows
    for flow in flows:
        length = int.from_bytes(flow.initiator[:4], "big")
        assert flow.initiator[:8] + b"user\0" in thin
        for word in (b"user", b"database"):
            at = flow.initiator.index(word)
            assert flow.initiator[at : flow.initiator.index(b"\0", at + len(word) + 1)] in thin
        assert b"client_encoding" not in thin
        assert flow.initiator[length : length + 16] not in thin
        assert flow.acceptor[:16] not in thin


def test_a_file_is_thinned_onto_disk_as_it_is_in_memory(tmp_path: Path) -> None:
    full = CAPTURES / "trouble" / "capture.pcap"
    result = thin_capture(str(full), str(tmp_path / "thin.pcapng"), PORTS)
    written = (tmp_path / "thin.pcapng").read_bytes()
    assert result.octets_out == len(written)
    assert result.octets_in == full.stat().st_size
    assert (result.packets_in, result.packets_out) == (762, len(packets_of(full.parent)))
    assert not list(tmp_path.glob(".*"))
