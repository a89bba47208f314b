"""The public calls. Each takes the options of a network, or a ``Network`` that was loaded before.

>>> network = auditor.load_network(config="/etc/bareos")  # doctest: +SKIP
>>> audits = [auditor.audit(path, network=network) for path in captures]  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from auditor.loading import checked, configured, load, load_network, loaded, report_path
from auditor.pipeline.network import Network
from auditor.pipeline.network_options import (
    NetworkOptions,
    Paths,
    RuleOptions,
    SiteOptions,
)
from auditor.result import Audit, Check
from auditor.sharing import anonymize, thin

if TYPE_CHECKING:
    import pandas as pd

    from auditor.comparison import Comparison
    from auditor.judge.tables.table import Table
    from auditor.pipeline.finding_packets import Excerpted
    from auditor.pipeline.live import LiveAudit
    from auditor.site.openings.opening import Openings

__all__ = [
    "Audit",
    "Check",
    "Network",
    "NetworkOptions",
    "anonymize",
    "audit",
    "check",
    "compare",
    "excerpt",
    "expect",
    "live_audit",
    "load",
    "load_network",
    "openings",
    "sockets",
    "thin",
]


def audit(
    captures: Paths,
    *,
    progress: Callable[[int], None] | None = None,
    second_opinion: bool = False,
    engine: Any = None,
    work: str | Path | None = None,
    network: Network | None = None,
    **options: Unpack[NetworkOptions],
) -> Audit:
    """Audit captures, against a configuration if one is given.

    captures
        Files, packed or not; folders, patterns, the name of a ring; ``-`` is standard input.
    progress
        Called with the number of capture bytes read since its last call (a notebook shows a bar).
    second_opinion
        Have Wireshark (``tshark``) read the captures too, and tell in ``opinion`` what both see.
    engine
        Who thins the captures, a file each: so many processes, or the Dask cluster with this
        address or ``Client``. ``work`` is a folder in which what came of them stays, so that a run
        can be taken up again. Without both every packet is read here.
    network, options
        What ``load_network`` returned, or what it takes: ``config``, ``site``, ``hosts``,
        ``resolve``, ``resolve_timeout``, ``include_root``, ``ports``, ``rules``, ``strict``,
        ``today``, ``idle_limit``, ``baseline``, ``only_rules``, ``skip_rules``, ``decode_as``.

    Raises a subclass of BareosAuditError, whose ``str()`` is a sentence for a person.
    """
    from auditor.notebook.progress import watched
    from auditor.pipeline.build_audit import build_audit
    from auditor.pipeline.capture_paths import capture_paths
    from auditor.pipeline.recordings.track import track

    network, paths = loaded("audit", NetworkOptions, network, options), capture_paths(captures)
    with watched(paths, progress) as advance:
        found = track(paths, network.ports, advance, engine, work)
        tracked = [*map(paths.noted, found)]
        audited = build_audit(tracked, network)
    if not second_opinion:
        return audited
    from auditor.second_opinion.compare import second_opinion as asked

    return replace(audited, opinion=asked(audited, paths, network.ports))


def check(
    config: Paths | None = None, *, network: Network | None = None, **options: Unpack[RuleOptions]
) -> Check:
    """Judge a configuration alone, without any capture: what is wrong in it, and what it calls for.

    The parameters are those of ``audit``. Raises a subclass of BareosAuditError.
    """
    from auditor.pipeline.check_configuration import check_configuration

    return check_configuration(configured("check", RuleOptions, config, network, options))


def compare(old: Audit | str | Path, new: Audit | str | Path) -> Comparison:
    """Return what became of the findings of one audit in a later one of the same network: audits,
    or JSON reports of them.

    Raises ReportError, and ValueError where one is of captures and the other is not.
    """
    from auditor.comparison import compare as compared

    return compared(*(one if isinstance(one, Audit) else load(one) for one in (old, new)))


def excerpt(
    source: Audit | Paths,
    finding: str,
    output: str | Path,
    *,
    force: bool = False,
    progress: Callable[[int], None] | None = None,
    network: Network | None = None,
    **options: Unpack[NetworkOptions],
) -> Excerpted:
    """Write the packets of the finding with this id to the pcapng file ``output``.

    source
        An audit, the path of its JSON report, or captures, which are audited first with
        ``network`` or ``options``. The captures are read again: every packet of the finding's
        connections is kept as it is, payload included, with comments on what it proves.
    force
        Replace ``output`` if it holds something; never a capture that is read.

    ``progress`` is as ``audit`` takes it. Raises a subclass of BareosAuditError, and then
    ``output`` is as it was.
    """
    from auditor.pipeline.finding_packets import write_excerpt

    folder = None
    if not isinstance(source, Audit) and (saved := report_path(source)) is not None:
        if network is not None or options:
            raise TypeError("excerpt() takes no network, or options of one, for a saved audit")
        folder, source = saved.parent, load(saved)
    elif not isinstance(source, Audit):
        source = audit(source, progress=progress, network=network, **options)
    how: Any = {"folder": folder, "force": force, "progress": progress}
    return write_excerpt(source, finding, str(output), **how)


def expect(
    config: Paths | None = None, *, network: Network | None = None, **options: Unpack[SiteOptions]
) -> pd.DataFrame:
    """Return the connections that a configuration calls for: the table ``expectations``.

    The parameters are those of ``audit``. Raises a subclass of BareosAuditError.
    """
    from auditor.judge.tables.frames import frame

    return frame(expectation_table(config, network=network, **options))


def expectation_table(
    config: Paths | None = None, *, network: Network | None = None, **options: Unpack[SiteOptions]
) -> Table:
    """Return what ``expect`` does, as reports take it; pandas is not loaded."""
    from auditor.pipeline.expected_connections import expected_connections

    return expected_connections(configured("expect", SiteOptions, config, network, options))


def openings(
    config: Paths | None = None,
    *,
    host: str = "",
    network: Network | None = None,
    **options: Unpack[SiteOptions],
) -> Openings:
    """Return what a firewall has to let through, so that the connections which a configuration
    requires or allows can be made, and no others.

    ``host`` is the name or address of a host, for whose own firewall it is; empty: for one between
    the hosts. The other parameters are those of ``audit``. Raises a subclass of BareosAuditError.
    """
    from auditor.site.openings.plan import plan_openings

    network = configured("openings", SiteOptions, config, network, options)
    if network.site is None:
        raise TypeError("openings() needs a network that was loaded with a configuration")
    return plan_openings(network.site, host)


def sockets(*, network: Network | None = None, **options: Unpack[NetworkOptions]) -> pd.DataFrame:
    """Return this host's Bareos sockets as they are now, judged: the table ``sockets``.

    Needs CAP_BPF and CAP_PERFMON, and sees the network namespace of this process. The parameters
    are those of ``audit``. Raises a subclass of BareosAuditError.
    """
    from auditor.judge.tables.frames import frame

    return frame(socket_table(network=network, **options))


def socket_table(*, network: Network | None = None, **options: Unpack[NetworkOptions]) -> Table:
    """Return what ``sockets`` does, as reports take it; pandas is not loaded."""
    from auditor.capture.addresses import own_addresses
    from auditor.capture.sockets.socket_table import read_sockets
    from auditor.pipeline.host import judge_sockets

    network = loaded("sockets", NetworkOptions, network, options)
    facts = read_sockets(network.ports, listening=True)
    return judge_sockets(facts, network, sorted(own_addresses()))


def live_audit(*, network: Network | None = None, **options: Unpack[NetworkOptions]) -> LiveAudit:
    """Return an audit that grows: feed it pcapng blocks as they are recorded, and look.

    Everything it needs is read now; later it opens no file. Names are asked for meanwhile, and
    known as soon as they are answered. The parameters are those of ``audit``. Raises as it does.
    """
    from auditor.pipeline.live import LiveAudit

    checked("live_audit", NetworkOptions, options)
    if network is None:
        return LiveAudit(load_network(wait=False, **options))
    return LiveAudit(loaded("live_audit", NetworkOptions, network, options))
