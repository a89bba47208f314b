"""What a recorder lost voids verdicts on who was there then: of several files, and within one."""

from __future__ import annotations

from pathlib import Path

import pytest
from frames import ethernet
from pcapfile import Pcapng
from scene import DIR, DIRECTOR, NETWORK, SD1, Wire, planted
from tape import PORTS

import auditor
from auditor.packets import read_capture
from auditor.packets.segments import CaptureInfo

SECOND = 1_000_000_000
_CUT = 300


def silences(folder: Path, lost: tuple[int, int], *, files: int, apart: int = _CUT) -> list[Path]:
    """Write two connections that send no probe in two minutes, one after the other, of which the
    recorder lost so many packets each: in so many files, or between counts in one."""
    wire = Wire().dial(DIR, SD1, 9103, DIRECTOR).talk().silence(120).talk().hang_up()
    begin = wire.silence(5).other().now
    wire.silence(apart).dial(DIR, SD1, 9103, DIRECTOR).talk().silence(120).talk().hang_up()
    frames = wire.frames
    parts = [[one for one in frames if (one.time > begin) == later] for later in (False, True)]
    made, paths = [Pcapng().interface(tsresol=9) for _ in range(files)], []
    for place, (part, count) in enumerate(zip(parts, lost, strict=True)):
        file = made[place % files]
        for frame in part:
            file.enhanced(frame.time, frame.data)
        file.statistics(0, ifdrop=count + (lost[0] if place and files == 1 else 0), osdrop=None)
    for place, file in enumerate(made):
        paths.append(folder / f"{place}.pcapng")
        paths[-1].write_bytes(bytes(file))
    return paths


def verdicts(folder: Path, *paths: Path) -> list[str]:
    config = planted(folder / "config", NETWORK)
    result = auditor.audit(list(paths), config=config, resolve=False)
    assert result.captures["dropped"].sum() > 0
    return list(result.flows.sort_values("started")["heartbeat_verdict"])


WHERE = pytest.mark.parametrize(
    ("lost", "expected"),
    [((9, 0), ["unknown", "fail"]), ((0, 9), ["fail", "unknown"]), ((9, 9), ["unknown"] * 2)],
    ids=["first", "second", "both"],
)


@WHERE
@pytest.mark.parametrize("files", [1, 2])
def test_a_loss_is_of_who_was_there(
    lost: tuple[int, int], expected: list[str], files: int, tmp_path: Path
) -> None:
    assert verdicts(tmp_path, *silences(tmp_path, lost, files=files)) == expected


@WHERE
def test_so_it_is_in_evidence(lost: tuple[int, int], expected: list[str], tmp_path: Path) -> None:
    """Of one file, of each of two, and of two together."""
    for files in (1, 2):
        paths = silences(tmp_path, lost, files=files)
        thin = [path.with_name(f"thin-{files}-{path.name}") for path in paths]
        for path, one in zip(paths, thin, strict=True):
            auditor.thin(path, one)
        assert verdicts(tmp_path, *thin) == expected


def test_it_is_told_without_names_too(tmp_path: Path) -> None:
    """And so is what could not be decoded."""
    (path,) = silences(tmp_path, (9, 0), files=1)
    file = Pcapng().interface(tsresol=9)
    time = 1_800_000_000 * SECOND
    file.enhanced(time, ethernet(DIR, SD1, 50, bytes(40))).enhanced(time + 9, bytes(60))
    path.write_bytes(path.read_bytes() + bytes(file))
    auditor.thin(path, tmp_path / "plain.pcapng")
    auditor.thin(path, tmp_path / "hidden.pcapng", anonymize=True)
    plain, hidden = (told(tmp_path / name) for name in ("plain.pcapng", "hidden.pcapng"))
    assert plain.drops == hidden.drops != ()
    (run,), (other,) = plain.runs, hidden.runs
    assert (run.source, run.target) == (DIR, SD1)
    assert run[2:] == other[2:]
    assert {run.source, run.target}.isdisjoint({other.source, other.target, ""})
    assert DIR.encode() not in (tmp_path / "hidden.pcapng").read_bytes()


def told(path: Path) -> CaptureInfo:
    with read_capture(str(path), PORTS) as reader:
        for _ in reader:
            pass
        return reader.info
