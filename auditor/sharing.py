"""The public calls that make what can be handed to others: captures and configurations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from auditor.loading import loaded
from auditor.pipeline.network import Network, listed
from auditor.pipeline.network_options import Paths, PortOptions

if TYPE_CHECKING:
    from auditor.evidence.thin_file import ThinnedCapture
    from auditor.pipeline.anonymizing.configuration import AnonymizedConfiguration


def thin(
    capture: Paths,
    output: str | Path,
    *,
    progress: Callable[[int], None] | None = None,
    force: bool = False,
    anonymize: bool | str | Path | bytes = False,
    network: Network | None = None,
    **options: Unpack[PortOptions],
) -> ThinnedCapture:
    """Write what an audit of ``capture`` needs to the pcapng file ``output``, and nothing else.

    ``capture`` is one, or several (or folders, or patterns) that are of one recording. No payload
    is kept but what names the peers; ``audit`` judges it as the full one. ``anonymize``, True, or a
    secret of 16 bytes or more, or a file with one, puts other names in (docs/thinning.md). A file
    that holds something is replaced only with ``force``. Raises BareosAuditError; then ``output``
    is as it was.
    """
    from auditor.outputs import evidence_guard
    from auditor.pipeline.capture_paths import capture_paths
    from auditor.pipeline.recordings.thinned_as_one import thin_as_one

    ports, file = loaded("thin", PortOptions, network, options).ports, str(output)
    how, guard = anonymize, evidence_guard(force=force)
    paths = capture_paths(capture)
    return thin_as_one(paths, file, ports, progress=progress, guard=guard, anonymize=how)


def anonymize(
    config: Paths,
    output: str | Path,
    *,
    key: str | Path | bytes | None = None,
    include_root: Paths = (),
    hosts: str | Path | None = None,
    site: str | Path | None = None,
    force: bool = False,
) -> AnonymizedConfiguration:
    """Write a configuration with other addresses, names and passwords into the folder ``output``,
    and so a hosts file and a site file: what an audit needs of them, and nothing else.

    ``key`` is that of the captures that belong to it (what ``thin`` takes as ``anonymize``); None:
    one that is forgotten. A folder that holds something is refused, but with ``force`` for one that
    an earlier call has made. Raises BareosAuditError.
    """
    from auditor.evidence.anonymizing.copying import key_of
    from auditor.pipeline.anonymizing.configuration import anonymize_configuration

    return anonymize_configuration(
        listed(config),
        str(output),
        key_of(True if key is None else key) or b"",
        include_root=listed(include_root),
        hosts=hosts,
        site=site,
        force=force,
    )
