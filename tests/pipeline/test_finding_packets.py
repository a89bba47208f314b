"""The packets of one finding: of each recording, as Wireshark's own filter chooses them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from changed import frames_of, written
from cutting import cut
from excerpts import segments, shown
from networks import anew, tagged, together
from paths import CAPTURES

import auditor
from auditor.errors import CaptureError, FindingError, OutputError
from auditor.judge.tables.table import build
from auditor.pipeline.finding_packets import Excerpted, write_excerpt
from auditor.report.told.display_filter import display_filter

RECORDINGS = ("trouble", "refusals", "beat-other", "forgets-no-beat")


@cache
def audited(recording: str) -> tuple[auditor.Audit, auditor.Network]:
    """Return the audit of a recording, and its network."""
    folder = CAPTURES / recording
    network = auditor.load_network(config=folder / "config", resolve=False)
    return auditor.audit(folder / "capture.pcap", network=network), network


def ids(audit: auditor.Audit, *, verdict: str = "fail") -> list[str]:
    """Return the ids of findings that are about connections."""
    rows = audit.tables["findings"].rows()
    found = [row["id"] for row in rows if row["flows"] and row["verdict"] == verdict]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("recording", RECORDINGS)
def test_an_excerpt_holds_what_the_display_filter_of_the_report_shows(
    recording: str, tmp_path: Path
) -> None:
    audit, _ = audited(recording)
    finding = ids(audit)[0]
    copy = tmp_path / "copy.pcapng"
    done = write_excerpt(audit, finding, str(copy))
    flows = {
        flow
        for row in audit.tables["findings"].rows()
        for flow in row["flows"]
        if row["id"] == finding
    }
    rows = [row for row in audit.tables["flows"].rows() if row["id"] in flows]
    expected = shown(CAPTURES / recording / "capture.pcap", display_filter(rows))
    found = shown(copy)
    assert [(one.time, one.size, one.data) for one in found] == [
        (one.time, one.size, one.data) for one in expected
    ]
    captures = (str(CAPTURES / recording / "capture.pcap"),)
    assert done == Excerpted(len(found), len(flows), 0, captures)
    told = [one.comments for one in found if one.comments]
    assert all(f"{finding} (fail, " in text for text in told)
    assert sum("[first packet of f" in text for text in told) == len(flows)


def test_an_excerpt_holds_nothing_of_another_network(tmp_path: Path) -> None:
    frames, path = frames_of("trouble"), tmp_path / "two.pcap"
    other = anew(frames, 0x3A7B1C5D, 413_000_777)
    written(
        path,
        "trouble",
        together((tagged(one, 10) for one in frames), (tagged(one, 20) for one in other)),
    )
    audit = auditor.audit(path, config=CAPTURES / "trouble" / "config", resolve=False)
    for finding in ids(audit):
        copy = tmp_path / f"{finding}.pcapng"
        write_excerpt(audit, finding, str(copy))
        flows = {
            flow
            for row in audit.tables["findings"].rows()
            for flow in row["flows"]
            if row["id"] == finding
        }
        if len(flows) > 4:
            continue  # the filter does not name all
        rows = [row for row in audit.tables["flows"].rows() if row["id"] in flows]
        expected = shown(path, display_filter(rows))
        assert expected
        assert [one.data for one in shown(copy)] == [one.data for one in expected]


@pytest.mark.parametrize("recording", RECORDINGS)
def test_an_excerpt_says_that_it_is_one_when_it_is_audited(recording: str, tmp_path: Path) -> None:
    audit, network = audited(recording)
    for finding in ids(audit):
        copy = tmp_path / f"{finding}.pcapng"
        write_excerpt(audit, finding, str(copy))
        again = auditor.audit(copy, network=network)
        (row,) = again.tables["captures"].rows()
        assert row["incomplete"]
        assert (
            "it is an excerpt: only the packets of one finding are there"
            in (row["incomplete_reason"])
        )
        assert again.verdict == "fail", "what depends on other connections is no pass"
        if "idle" not in finding:  # that the hosts still lived only others show
            assert finding in set(again.tables["findings"].values("id"))


def test_probes_and_ends_are_decisive_where_the_finding_is_about_them(tmp_path: Path) -> None:
    copy = tmp_path / "copy.pcapng"
    for recording, rule, words in (
        ("beat-other", "heartbeat", "keepalive probe"),
        ("forgets-no-beat", "idle", "last packet of"),
    ):
        audit, _ = audited(recording)
        finding = next(one for one in ids(audit) if rule in one)
        write_excerpt(audit, finding, str(copy), force=True)
        assert any(words in one.comments for one in shown(copy)), finding


def test_frames_that_are_no_numbers_are_none(tmp_path: Path) -> None:
    """An audit that was read back may have anything there."""
    audit, _ = audited("trouble")
    finding = ids(audit)[0]
    tables = dict(audit.tables)
    for name, cells in (
        ("flows", {"tampering_frames": ["evil", "9" * 5000, "²", "-1", "564"]}),
        ("findings", {"evidence": ["tampering_count=5"]}),
    ):
        tables[name] = build(name, [{**row, **cells} for row in audit.tables[name].rows()])
    copy = tmp_path / "copy.pcapng"
    write_excerpt(replace(audit, tables=tables), finding, str(copy))
    assert sum("[evidence]" in one.comments for one in shown(copy)) == 1


def test_several_captures_are_sections_of_one_file(tmp_path: Path) -> None:
    """As many packets are in it as in that of one capture; of a copy there are none."""
    whole, network = audited("trouble")
    source = CAPTURES / "trouble" / "capture.pcap"
    paths = cut(source, [565], tmp_path)
    again = tmp_path / "again.pcap"
    shutil.copy(paths[0], again)
    audit = auditor.audit([*paths, again], network=network)
    flows = audit.flows.set_index("id")
    both = set(flows.index[flows["capture"] != flows["last_capture"]])
    rows = audit.findings.to_dict("records")
    finding = next(str(row["id"]) for row in rows if both & set(row["flows"]))
    copy = tmp_path / "copy.pcapng"
    done = write_excerpt(audit, finding, str(copy))
    assert done.captures == tuple(map(str, paths))
    found = segments(copy)
    assert len(found) == done.packets
    assert done.packets == write_excerpt(whole, finding, str(tmp_path / "one.pcapng")).packets
    text = copy.read_bytes()
    assert text.count(b"Excerpt by bareos-audit") == 2
    assert f"of {paths[1]}; all else".encode() in text
    assert text.count(finding.encode()) > 4
    assert b"What to do: " in text
    assert b"The configuration: " in text


def test_a_capture_is_found_beside_the_report_too(tmp_path: Path) -> None:
    audit, _ = audited("trouble")
    name = audit.tables["captures"].values("name")[0]
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    shutil.copy(name, moved / "capture.pcap")
    gone = _renamed(audit, "nowhere/capture.pcap")
    with pytest.raises(CaptureError, match="is not there any more"):
        write_excerpt(gone, ids(audit)[0], str(tmp_path / "copy"))
    done = write_excerpt(gone, ids(audit)[0], str(tmp_path / "copy"), folder=moved)
    assert done.captures == ("nowhere/capture.pcap",)


def _renamed(audit: auditor.Audit, name: str) -> auditor.Audit:
    """Return the audit as if its capture were called so."""
    from dataclasses import replace

    from auditor.judge.tables.table import Table

    def table(one: Table) -> Table:
        column = next((key for key in ("capture", "name") if key in one.columns), "")
        return Table(
            one.columns,
            [{**row, column: name if row[column] else ""} for row in one.rows()]
            if column
            else [dict(row) for row in one.rows()],
        )

    return replace(audit, tables={key: table(one) for key, one in audit.tables.items()})


def test_a_capture_that_changed_is_refused_and_the_output_is_as_it_was(tmp_path: Path) -> None:
    path, copy = tmp_path / "full.pcap", tmp_path / "copy.pcapng"
    copy.write_bytes(b"evidence")
    shutil.copy(CAPTURES / "trouble" / "capture.pcap", path)
    _, network = audited("trouble")
    audit = auditor.audit(path, network=network)
    shutil.copy(CAPTURES / "modes" / "capture.pcap", path)
    with pytest.raises(CaptureError, match="is not the capture that was audited, or it was chan"):
        write_excerpt(audit, ids(audit)[0], str(copy), force=True)
    assert copy.read_bytes() == b"evidence"
    with pytest.raises(OutputError, match="it is there already"):
        write_excerpt(audit, ids(audit)[0], str(copy))
    with pytest.raises(OutputError, match=r"it is a capture that is read; name another file\.$"):
        write_excerpt(audit, ids(audit)[0], str(path), force=True)
    with pytest.raises(OutputError):
        write_excerpt(audit, ids(audit)[0], str(tmp_path / "no" / "where"))


def test_what_has_no_packets_is_said(tmp_path: Path) -> None:
    audit, _ = audited("trouble")
    rows = audit.tables["findings"].rows()
    without = next(row["id"] for row in rows if not row["flows"])
    with pytest.raises(FindingError, match="is about no connection that was captured"):
        write_excerpt(audit, without, str(tmp_path / "copy"))
    known = ids(audit)[0]
    with pytest.raises(FindingError, match=f"did you mean {known}"):
        write_excerpt(audit, known[:-1], str(tmp_path / "copy"))
    with pytest.raises(FindingError, match="it has unknown-initiator-"):
        write_excerpt(audit, "\x1b[31m", str(tmp_path / "copy"))
    assert not (tmp_path / "copy").exists()
    streamed = _renamed(audit, "-")
    with pytest.raises(CaptureError, match="standard input, which is gone"):
        write_excerpt(streamed, known, str(tmp_path / "copy"))


def test_a_report_that_was_changed_is_refused_in_a_sentence(tmp_path: Path) -> None:
    audit, _ = audited("refusals")
    (finding, *_) = ids(audit)

    def changed(table: str, **cells: object) -> auditor.Audit:
        rows = [{**row} | cells for row in audit.tables[table].rows()]
        return replace(audit, tables={**audit.tables, table: build(table, rows)})

    strange = changed("flows", acceptor_address="<b>nowhere")
    with pytest.raises(FindingError, match=r"'<b>nowhere', an end of flow f\d+, is no address"):
        write_excerpt(strange, finding, str(tmp_path / "out.pcapng"))
    done = write_excerpt(changed("findings", count=None), finding, str(tmp_path / "out.pcapng"))
    assert (done.missing, done.packets > 0) == (0, True)
