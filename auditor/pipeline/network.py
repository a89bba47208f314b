"""What captures are held against: the configuration, the site file, the ports and the rules.

Every public call takes the same options; ``load_network`` reads what they name once, and what it
returns is handed on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.config.problem_kinds import Level
from auditor.config.resources import Excerpt, no_excerpt
from auditor.judge.rules.baseline import Baseline
from auditor.judge.verdicts import Severity
from auditor.pipeline.names import Later, Names, site_of
from auditor.pipeline.network_options import IdleLimitOption, Paths
from auditor.pipeline.watched_ports import watched_ports
from auditor.result import Basis
from auditor.site.idle_limits import IdleLimits, read_idle_limits
from auditor.site.model import Role, Site
from auditor.site.resolver import DEFAULT_TIMEOUT
from auditor.site.site_file import SiteFile
from auditor.text import SENTENCE, printable

if TYPE_CHECKING:
    from auditor.judge.matching.classifiers import Classifiers
    from auditor.judge.matching.own_host import OwnHost
    from auditor.judge.rules.findings import Judgement
    from auditor.judge.rules.rule import Rule
    from auditor.judge.tables.table import Table

#: A trifle in a file, or what this machine cannot read of it, fails no network that works.
_GRAVE = frozenset({Severity.HIGH, Severity.MEDIUM})


@dataclass(frozen=True)
class Network:
    """A network as it should be, and by what it is judged."""

    site: Site | None
    """What the configuration describes; None without any."""
    site_file: SiteFile
    ports: Mapping[int, Role]
    """Listening TCP port to acceptor role: what to look at."""
    rule_directories: tuple[str | Path, ...] = ()
    today: dt.date | None = None
    """The day that waivers are held against; None: the day of the audit."""
    idle_limits: IdleLimits = IdleLimits()
    """After how long the ways of the network forget silent connections."""
    baseline: Baseline | None = None
    """What does not count, since an earlier audit found it."""
    basis: Basis = Basis()
    """What was given."""
    excerpt: Callable[[str], Excerpt | None] = no_excerpt
    """What the configuration says at a ``file:line``, secrets hidden."""
    later: Later[Network] | None = None
    """Where names are still being asked for: returns the network that knows them, or None as long
    as some may still be answered and it is not called with True, for the last time."""

    def applies(self, rule: Rule) -> bool:
        """Tell whether a rule is to be applied."""
        return rule.id not in self.basis.left_out

    def judge(
        self, tables: Mapping[str, Table], rules: Sequence[Rule], *, captured: bool
    ) -> Judgement:
        """Return what rules find in tables, but for what is waived, known or left out; in those of
        captures, or of a configuration alone."""
        from auditor.judge.rules.findings import judge

        waivers, left_out = self.site_file.waivers, self.basis.left_out
        known = self.baseline
        return judge(tables, rules, waivers, self.today, known, left_out, captured=captured)

    def site_at(self, host: OwnHost | None) -> Site | None:
        """Return the site with the addresses of the recording host at its daemons; as it is where
        nothing is known of the host."""
        if self.site is None or host is None:
            return self.site
        if host not in self._sites:
            from auditor.judge.matching.own_host import at_host

            self._sites.clear()  # a capture that grows asks for one host again and again
            self._sites[host] = at_host(self.site, host)
        return self._sites[host]

    @cached_property
    def classifiers(self) -> Classifiers:
        """What gives flows their numbers against a site of ``site_at``."""
        from auditor.judge.matching.classifiers import Classifiers

        return Classifiers(self.ports)

    @cached_property
    def _sites(self) -> dict[OwnHost, Site]:
        return {}

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The shipped rules and those of ``rule_directories``, read when first asked for. Raises
        RuleError."""
        from auditor.judge.rules.rule import load_rules

        return load_rules(self.rule_directories)

    @cached_property
    def configuration_rules(self) -> tuple[Rule, ...]:
        """The rules that judge a configuration alone, read when first asked for. Raises
        RuleError."""
        from auditor.judge.rules.rule import load_configuration_rules

        return load_configuration_rules(self.rule_directories)

    @cached_property
    def audit_rules(self) -> tuple[Rule, ...]:
        """The rules that an audit of captures applies, worst first: ``rules``, and where something
        may be wrong in the configuration those about it, but for trifles (docs/adr/0009); and with
        waivers those about them. Raises RuleError."""
        levels = {problem.level for problem in self.site.problems} if self.site is not None else ()
        # Only a rule of the site's own can take a note seriously.
        serious = bool(levels) and (levels != {Level.NOTE} or bool(self.rule_directories))
        waived = bool(self.site_file.waivers)
        if not serious and not waived:
            return self.rules
        from auditor.judge.rules.rule import worst_first
        from auditor.judge.rules.waiving import WAIVER_RULES

        more = [
            one
            for one in self.configuration_rules
            if (serious and one.severity in _GRAVE) or (waived and one.id in WAIVER_RULES)
        ]
        return worst_first((*self.rules, *more))

    @cached_property
    def configuration_rule_ids(self) -> frozenset[str]:
        """Ids of the rules that judge configurations, which a waiver may name too. Raises
        RuleError."""
        from auditor.judge.rules.rule import configuration_rule_ids

        return configuration_rule_ids(self.rule_directories)


def load_network(
    *,
    config: Paths = (),
    site: str | Path | None = None,
    hosts: str | Path | None = None,
    resolve: bool = True,
    ports: Mapping[str, int] | None = None,
    rules: Paths = (),
    strict: bool = False,
    include_root: Paths = (),
    today: dt.date | None = None,
    idle_limit: IdleLimitOption = None,
    baseline: Baseline | None = None,
    only_rules: Sequence[str] = (),
    skip_rules: Sequence[str] = (),
    resolve_timeout: float = DEFAULT_TIMEOUT,
    decode_as: Sequence[str] = (),
    wait: bool = True,
) -> Network:
    """Return the network that these options describe (``NetworkOptions`` has their meaning).

    Without ``wait`` it is returned before names are resolved, and has ``later``. Raises
    ConfigurationError, SiteFileError, IdleLimitError, UnknownRuleError, or CaptureError for
    ``decode_as``.
    """
    from auditor.config.reading import read_configuration
    from auditor.site.resolver import read_hosts
    from auditor.site.site_file import read_site_file

    site_file = read_site_file(site) if site is not None else SiteFile()
    limits = site_file.idle_limits if idle_limit is None else read_idle_limits(idle_limit)
    paths = listed(config)
    directories = tuple(listed(rules))
    basis = Basis(
        configuration=tuple(map(_shown, paths)),
        site_file=_shown(site or ""),
        hosts_file=_shown(hosts or ""),
        rules=tuple(map(_shown, directories)),
        baseline=_shown(baseline.file) if baseline is not None else "",
        baseline_made=baseline.made if baseline is not None else None,
        left_out=_left_out(directories, only_rules, skip_rules),
        decode_as=tuple(decode_as),
    )
    table = read_hosts(hosts) if hosts is not None else {}
    if not paths:
        listening = watched_ports(None, ports or {}, decode_as, site_file.same_network)
        return Network(None, site_file, listening, directories, today, limits, baseline, basis)
    names = Names(table, site_file.hosts, system=resolve, timeout=resolve_timeout)
    configuration = read_configuration(paths, strict=strict, include_root=listed(include_root))
    known, later = site_of(configuration, site_file, names, wait=wait)
    listening = watched_ports(known, ports or {}, decode_as, site_file.same_network)
    known_by = (directories, today, limits, baseline, basis, configuration.excerpt)
    network = Network(known, site_file, listening, *known_by)
    return network if later is None else knows_later(network, later)


def _left_out(
    directories: Sequence[str | Path], only: Sequence[str], skip: Sequence[str]
) -> tuple[str, ...]:
    if not only and not skip:
        return ()
    from auditor.judge.rules.rule import rule_ids
    from auditor.judge.rules.selection import left_out

    return left_out(rule_ids(directories), only, skip)


def _shown(path: str | Path) -> str:
    return printable(str(path), SENTENCE)


def listed(paths: Paths) -> list[str | Path]:
    """Return what one path, or several, are."""
    return [paths] if isinstance(paths, str | Path) else list(paths)


def knows_later(network: Network, later: Later[Site]) -> Network:
    """Return a network whose site is known anew once its names are. All rules are read now, since
    by then no file may be opened any more."""
    read = {
        "rules": network.rules,
        "configuration_rules": network.configuration_rules,
        "configuration_rule_ids": network.configuration_rule_ids,
    }

    def known(last: bool) -> Network | None:
        site = later(last)
        if site is None:
            return None
        found = replace(network, site=site)
        vars(found).update(read)
        return found

    first = replace(network, later=known)
    vars(first).update(read)
    return first
