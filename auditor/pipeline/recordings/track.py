"""Captures → recordings, read here or by an engine."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.errors import OutputError
from auditor.pipeline.capture_paths import CapturePaths
from auditor.pipeline.track_capture import Progress, TrackedCapture

if TYPE_CHECKING:
    from auditor.engines.choose import EngineOption


def track(
    paths: Sequence[str],
    ports: Collection[int],
    progress: Progress | None = None,
    engine: EngineOption = None,
    work: str | Path | None = None,
) -> list[TrackedCapture]:
    """Return the recordings that captures make. With ``engine`` (what ``choose_engine`` takes) or
    ``work``, a folder for evidence, each capture is thinned by itself. Raises BareosAuditError.
    """
    if engine is None and work is None:
        from auditor.pipeline.recordings.track_recordings import track_recordings

        return track_recordings(paths, ports, progress)
    from auditor.engines.choose import choose_engine
    from auditor.pipeline.recordings.gathered import track_gathered

    chosen, folder = choose_engine(engine), "" if work is None else str(work)
    if folder and isinstance(paths, CapturePaths):
        _refuse_below(folder, paths.folders)
    return track_gathered(paths, ports, chosen, folder, progress)


def _refuse_below(work: str, folders: Sequence[str]) -> None:
    """Raise OutputError if evidence would lie in a folder of captures: every later audit of the
    folder would read it as captures."""
    where = Path(work).resolve()
    for folder in folders:
        if where.is_relative_to(Path(folder).resolve()):
            raise OutputError(
                f"{work} cannot hold the evidence: it is in {folder}, whose files are all read as "
                "captures; name another --work."
            )
