"""One capture from beginning to report: what is done while rights are held, and what after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from capture_stage import HandFedBackend, packet

from auditor.capture.recording import output as output_module
from auditor.capture.recording.limits import Limits
from auditor.cli import session
from auditor.cli.inputs import Inputs
from auditor.cli.places import Place, Reports
from auditor.cli.session import NOWHERE, Wanted, capture
from auditor.cli.stopping import stopping
from auditor.errors import BareosAuditError, CaptureError, OutputError
from auditor.evidence.packet import Counters, Interface
from auditor.report.formats import Format

WANTED = Wanted(("eth0",), "auto", NOWHERE, Limits(), quiet=True)


class Stage:
    """A capture whose backend is fed by hand and whose rights are only noted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.backend = HandFedBackend([[packet(0), packet(1)]], counts=(Counters(12, 5, 2, 3, 4),))
        self.backend.on_poll = lambda _: self.steps.append("poll")
        self.steps: list[str] = []
        self.read: Inputs = []
        self.request: Any = None
        self.audited: list[Any] = []
        self._note(monkeypatch, "check_interfaces", "names checked")
        self._note(monkeypatch, "drop_everything", "rights dropped")
        self._note(monkeypatch, "confine_recording", "confined")
        monkeypatch.setattr(session, "choose_backend", self._choose)
        monkeypatch.setattr(Reports, "report", lambda *_: self)
        monkeypatch.setattr(output_module, "remaining_account", lambda: None)
        close = self.backend.close
        monkeypatch.setattr(
            self.backend, "close", lambda: self.steps.append("closed") or close(), raising=True
        )

    def _note(self, monkeypatch: pytest.MonkeyPatch, name: str, what: str) -> None:
        monkeypatch.setattr(session, name, lambda *_: self.steps.append(what))

    def _choose(self, name: str, request: Any) -> tuple[HandFedBackend, str]:
        self.request = request
        self.steps.append(f"{name} opened")
        return self.backend, "It was the best."

    def audit_parts(self, audit: Any) -> Iterator[str]:
        """Be the report."""
        self.audited.append(audit)
        self.steps.append("report")
        yield f"report {len(self.audited)}\n"

    def capture(
        self, *targets: Path | str, stopped: bool = True, force: bool = False, **changes: Any
    ) -> tuple[Any, str]:
        """Capture with reports to these places."""
        wanted = replace(WANTED, **changes)
        places = tuple(Place(str(target), Format.TABLE) for target in targets)
        with stopping() as signals:
            if stopped:
                signals.stop.set()
            reports = Reports(places, force=force)
            return capture(wanted, signals, reports, self.read, resolve=False)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(monkeypatch)


def test_everything_is_loaded_and_opened_before_rights_go_and_no_packet_is_read_before(
    stage: Stage, capfd: pytest.CaptureFixture[str]
) -> None:
    audit, failure = stage.capture("-")
    begin = ["names checked", "report", "auto opened", "rights dropped", "confined", "poll"]
    assert stage.steps[: len(begin)] == begin, "the first report only loads what writes one"
    assert stage.steps[-2:] == ["closed", "report"]
    assert (failure, stage.audited[-1]) == ("", audit)
    assert capfd.readouterr() == ("report 2\n", "")
    assert (stage.request.interfaces, 9103 in stage.request.ports) == (("eth0",), True)


def test_the_audit_tells_what_was_seen_lost_and_not_seen(stage: Stage) -> None:
    audit, _ = stage.capture()
    (recording,) = audit.captures.to_dict("records")
    assert (recording["name"], recording["packets"]) == ("live capture on eth0", 2)
    notes = " ".join(map(str, recording.values()))
    for sentence in (
        "It was the best.",
        "It sees what it is fed.",
        "eth0: 12 packets seen, 5 of them on the ports, 2 kept, 7 lost.",
    ):
        assert sentence in notes


def test_each_interface_has_a_sentence(stage: Stage) -> None:
    stage.backend.interfaces = (Interface("eth0", 1), Interface("eth1", 1))
    stage.backend.counts = (Counters(1000), Counters(kept=3, lost=4000))
    assert list(session._counts(stage.backend)) == [
        "eth0: 1,000 packets seen, 0 of them on the ports, 0 kept, 0 lost.",
        "eth1: 0 packets seen, 0 of them on the ports, 3 kept, 4,000 lost.",
    ]


def test_a_recording_is_called_by_its_file(stage: Stage, tmp_path: Path) -> None:
    path = str(tmp_path / "a.pcapng")
    audit, _ = stage.capture(path=path)
    assert list(audit.captures["name"]) == [path]
    assert Path(path).read_bytes()[:4] == b"\n\r\r\n"


def test_who_watches_is_told_on_what_and_by_what(
    stage: Stage, capfd: pytest.CaptureFixture[str]
) -> None:
    stage.capture(quiet=False)
    shown = capfd.readouterr().err
    assert shown == "Capturing on eth0 with backend handfed; Ctrl-C ends it.\n"


def test_where_the_recording_is_on_standard_output_the_report_is_nowhere(
    stage: Stage, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    audit, _ = stage.capture(path="-")
    assert stage.audited == []
    assert capfdbinary.readouterr().out[:4] == b"\n\r\r\n"
    assert list(audit.captures["name"]) == ["live capture on eth0"]


def _failing(cause: BaseException | None) -> CaptureError:
    failure = CaptureError("eth0 was removed.")
    failure.__cause__ = cause
    return failure


@pytest.mark.parametrize(
    ("cause", "sentence"),
    [(None, "eth0 was removed."), (OSError(), "eth0 was removed."), (BrokenPipeError(), "")],
)
def test_what_ends_it_too_early_is_told_after_the_report(
    stage: Stage, tmp_path: Path, cause: BaseException | None, sentence: str
) -> None:
    stage.backend.polls, stage.backend.failure = [], _failing(cause)
    report = tmp_path / "report"
    _, failure = stage.capture(report, stopped=False, limits=Limits(duration=60))
    assert failure == sentence
    assert report.read_text() == "report 2\n"


def test_rights_that_cannot_be_dropped_end_it_before_a_packet_and_leave_no_report(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse() -> None:
        raise CaptureError("They cannot be given up.")

    monkeypatch.setattr(session, "drop_everything", refuse)
    with pytest.raises(CaptureError, match="cannot be given up"):
        stage.capture(tmp_path / "one", tmp_path / "two")
    assert "poll" not in stage.steps
    assert stage.steps[-1] == "closed"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("target", "changes", "error"),
    [
        ("/nowhere/report", {}, OutputError),
        ("-", {"limits": Limits(ring=3)}, CaptureError),
        ("-", {"path": "-"}, OutputError),
        ("-", {"path": "/nowhere/evidence"}, OutputError),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_is_opened(
    stage: Stage, target: str, changes: dict[str, Any], error: type[BareosAuditError]
) -> None:
    with pytest.raises(error):
        stage.capture(target, **changes)
    assert not any("opened" in step for step in stage.steps)


def test_several_reports_come_of_one_audit(
    stage: Stage, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    stage.capture(tmp_path / "one", "-", tmp_path / "two")
    assert len({id(audit) for audit in stage.audited[3:]}) == 1
    written = [(tmp_path / "one").read_text(), capfd.readouterr().out]
    assert [*written, (tmp_path / "two").read_text()] == [f"report {n}\n" for n in (4, 5, 6)]


def test_a_report_that_cannot_be_written_keeps_no_other_from_being_written(
    stage: Stage, tmp_path: Path
) -> None:
    with pytest.raises(OutputError, match="/dev/full cannot be written: No space left"):
        stage.capture("/dev/full", tmp_path / "two")
    assert (tmp_path / "two").read_text() == "report 4\n"


@pytest.mark.parametrize("force", [False, True])
def test_evidence_that_is_there_is_replaced_by_force_only(
    stage: Stage, tmp_path: Path, force: bool
) -> None:
    path = tmp_path / "evidence.pcapng"
    path.write_bytes(b"older evidence")
    if force:
        stage.capture(path=str(path), force=True)
        assert path.read_bytes()[:4] == b"\n\r\r\n"
        return
    with pytest.raises(OutputError, match=r"it is there already; name another file, or .*--force"):
        stage.capture(path=str(path))
    assert path.read_bytes() == b"older evidence"
    assert stage.steps == []


@pytest.mark.parametrize("ring", [None, 2])
def test_neither_recording_nor_report_goes_into_the_configuration(
    stage: Stage, tmp_path: Path, ring: int | None
) -> None:
    stage.read = [(str(tmp_path), "the configuration")]
    limits = Limits(file_bytes=1 << 20 if ring else None, ring=ring)
    with pytest.raises(BareosAuditError, match="lies in the configuration"):
        stage.capture("-", path=str(tmp_path / "new.pcapng"), limits=limits, force=True)
    with pytest.raises(OutputError, match="lies in the configuration"):
        stage.capture(tmp_path / "report", force=True)
    assert list(tmp_path.iterdir()) == []
    assert "poll" not in stage.steps


def test_recording_and_report_are_two_files(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "one"
    with pytest.raises(OutputError, match="is named twice: give each output a file of its own"):
        stage.capture(path, path=str(path))
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(OutputError, match=r"one and .*link are one file"):
        stage.capture(tmp_path / "link", path=str(path))
