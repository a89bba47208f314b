"""The public calls: ``audit`` for captures, ``expect`` for what a configuration calls for."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.site.connections import connections, default_ports
from auditor.site.model import Role, Site

if TYPE_CHECKING:
    import pandas as pd

    from auditor.evidence.thin_file import ThinnedCapture
    from auditor.judge.rules.rule import Rule

Paths = str | Path | Sequence[str | Path]

#: Worst first; the order of ``Summary.verdict``'s possible severities.
_SEVERITIES = ("high", "medium", "low")


@dataclass(frozen=True, repr=False)
class Audit:
    """One audit: five tables with fixed columns (``docs/columns.md``) and their summary."""

    captures: pd.DataFrame
    """One row a capture: what it holds and what it lost."""
    flows: pd.DataFrame
    """One row a TCP connection on a Bareos port."""
    probes: pd.DataFrame
    """One row a keepalive probe."""
    expectations: pd.DataFrame
    """One row a connection that the configuration requires, allows or forbids; empty without."""
    findings: pd.DataFrame
    """One row a fail or unknown."""
    passed: Mapping[str, int]
    """Rows that passed, by rule."""
    rules: tuple[Rule, ...]
    """The rules that were applied."""
    problems: tuple[str, ...]
    """What could not be read in the configuration, and its traps, one sentence each."""

    def __repr__(self) -> str:
        """Say the verdict in a line: the tables are there to be asked."""
        said = f"{self.verdict} ({self.severity})" if self.severity else self.verdict
        return f"<Audit {said}: {len(self.flows)} flows, {len(self.fails)} fails>"

    @cached_property
    def fails(self) -> pd.DataFrame:
        """The findings that count: fails that no waiver covers."""
        return self.findings.query("verdict == 'fail' and waived == ''")

    @property
    def severity(self) -> str:
        """The worst severity that failed: high, medium or low; empty: nothing did. Info never
        fails an audit."""
        found = set(self.fails["severity"])
        return next((severity for severity in _SEVERITIES if severity in found), "")

    @property
    def blind(self) -> bool:
        """Nothing could be judged: no flow on any Bareos port, or none that this configuration
        has a number for, so that it may be the configuration of another network."""
        return not bool(self.flows["numbered"].any())

    @property
    def verdict(self) -> str:
        """``fail``, ``pass``, or ``unknown`` when the captures show nothing that can be judged."""
        return "fail" if self.severity else "unknown" if self.blind else "pass"

    def summary(self) -> dict[str, object]:
        """Return the JSON report's summary: verdict, counts by severity and by connection, and
        how far the captures reached."""
        numbers = Counter(self.flows["connection"])
        known = int(self.expectations["exercised"].sum())
        return {
            "verdict": self.verdict,
            "by_severity": {
                severity: int((self.fails["severity"] == severity).sum())
                for severity in (*_SEVERITIES, "info")
            },
            "by_connection": {number: numbers.get(number, 0) for number in connections()},
            "coverage": {
                "flows": len(self.flows),
                "unnumbered": numbers.get("", 0),
                "expectations": len(self.expectations),
                "exercised": known,
                "heartbeats": dict(sorted(Counter(self.flows["heartbeat_verdict"]).items())),
                "unknowns": int((self.findings["verdict"] == "unknown").sum()),
                "waived": int((self.findings["waived"] != "").sum()),
                "passed": sum(self.passed.values()),
                "complete": not bool(self.captures["incomplete"].any()),
            },
        }


def audit(
    captures: Paths,
    *,
    config: Paths = (),
    site: str | Path | None = None,
    hosts: str | Path | None = None,
    resolve: bool = True,
    ports: Mapping[str, int] | None = None,
    rules: Sequence[str | Path] = (),
    strict: bool = False,
    progress: Callable[[int], None] | None = None,
    today: dt.date | None = None,
) -> Audit:
    """Audit captures, against a configuration if one is given.

    captures
        pcap or pcapng files, compressed or not; ``-`` is standard input.
    config
        Bareos configuration: files, ``*.d`` directories, ``/etc/bareos``, or folders that hold
        the trees of several hosts.
    site, hosts
        The site file, and a file in hosts(5) format; both are asked for names before the
        system's resolver, which ``resolve=False`` leaves out.
    ports
        Listening port by role (``director``, ``file daemon``, ``storage daemon``, ``catalog``)
        where it is not the default and no configuration says so.
    rules
        Directories with further rules.
    strict
        Make everything that is odd in the configuration an error.
    progress
        Called with the number of capture bytes read since its last call.
    today
        The day that waivers are held against; default: today.

    Raises a subclass of BareosAuditError, whose ``str()`` is a sentence for a person.
    """
    from auditor.pipeline.build_audit import assemble, load_site, site_file_of
    from auditor.pipeline.track_capture import track_capture

    site_file = site_file_of(site)
    known = load_site(config, site_file, hosts, resolve=resolve, strict=strict)
    roles = listening_ports(known, ports or {})
    followed = [track_capture(str(path), roles, progress) for path in _listed(captures)]
    from auditor.judge.rules.rule import load_rules

    return assemble(followed, known, roles, site_file, load_rules(rules), today)


def expect(
    config: Paths,
    *,
    site: str | Path | None = None,
    hosts: str | Path | None = None,
    resolve: bool = True,
    strict: bool = False,
) -> pd.DataFrame:
    """Return the connections that a configuration calls for: the table ``expectations``.

    The parameters are those of ``audit``. Raises a subclass of BareosAuditError.
    """
    from auditor.pipeline.build_audit import expectation_table, load_site, site_file_of

    known = load_site(config, site_file_of(site), hosts, resolve=resolve, strict=strict)
    return expectation_table(known)


def sockets(
    *,
    config: Paths = (),
    site: str | Path | None = None,
    hosts: str | Path | None = None,
    resolve: bool = True,
    ports: Mapping[str, int] | None = None,
    rules: Sequence[str | Path] = (),
    strict: bool = False,
    today: dt.date | None = None,
) -> pd.DataFrame:
    """Return this host's Bareos sockets as they are now, judged: the table ``sockets``.

    Needs CAP_BPF and CAP_PERFMON, and sees the network namespace of this process. The parameters
    are those of ``audit``. Raises a subclass of BareosAuditError.
    """
    from auditor.capture.sockets.socket_table import read_sockets
    from auditor.pipeline.build_audit import load_site, site_file_of
    from auditor.pipeline.host import judge_sockets

    site_file = site_file_of(site)
    known = load_site(config, site_file, hosts, resolve=resolve, strict=strict)
    roles = listening_ports(known, ports or {})
    facts = read_sockets(roles, listening=True)
    return judge_sockets(facts, known, roles, site_file, rules, today)


def thin(
    capture: str | Path,
    output: str | Path,
    *,
    config: Paths = (),
    site: str | Path | None = None,
    hosts: str | Path | None = None,
    resolve: bool = True,
    ports: Mapping[str, int] | None = None,
    strict: bool = False,
    progress: Callable[[int], None] | None = None,
) -> ThinnedCapture:
    """Write what an audit of ``capture`` needs to the pcapng file ``output``, and nothing else.

    No payload is kept but what names the peers, so the file can be shared; ``audit`` judges it as
    it judges the full one. The other parameters are those of ``audit``. Raises a subclass of
    BareosAuditError, and then ``output`` is as it was.
    """
    from auditor.evidence.thin_file import thin_capture
    from auditor.pipeline.build_audit import load_site, site_file_of

    known = load_site(config, site_file_of(site), hosts, resolve=resolve, strict=strict)
    roles = listening_ports(known, ports or {})
    return thin_capture(str(capture), str(output), roles, progress=progress)


def _listed(paths: Paths) -> list[str | Path]:
    return [paths] if isinstance(paths, str | Path) else list(paths)


def listening_ports(site: Site | None, given: Mapping[str, int]) -> dict[int, Role]:
    """Return the ports to look at: the defaults, those of the site, and those given."""
    roles = {port: Role(role) for role, port in default_ports().items()}
    if site is not None:
        for row in site.expectations:
            roles[row.port] = row.acceptor.role
            roles |= dict.fromkeys(row.acceptor.ports, row.acceptor.role)
    return roles | {port: Role(role) for role, port in given.items()}
