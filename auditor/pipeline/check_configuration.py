"""A configuration alone, without any capture: network → its findings."""

from __future__ import annotations

from auditor.judge.rules.configuration import configuration_tables, needs_capture
from auditor.judge.rules.rule_text import rule_text
from auditor.judge.tables.table import build
from auditor.pipeline.basis import excerpts, made_now
from auditor.pipeline.network import Network
from auditor.pipeline.statements import statements
from auditor.result import Check
from auditor.site.model import Role


def check_configuration(network: Network) -> Check:
    """Return what all rules that need no capture find in the network's configuration.

    Raises RuleError.
    """
    nothing = {name: build(name, ()) for name in ("captures", "flows", "probes")}
    if network.site is None:
        empty = {name: build(name, ()) for name in ("expectations", "findings")}
        return Check(
            tables={**nothing, **empty},
            passed={},
            unobserved={},
            rules=(),
            problems=(),
            basis=made_now(network.basis),
        )
    rules = (*network.rules, *network.configuration_rules)
    tables = configuration_tables(network.site, rules, network.idle_limits, network.today)
    applied = tuple(rule for rule in rules if not needs_capture(rule))
    judgement = network.judge(tables, applied, captured=False)
    shown = {
        **nothing,
        "expectations": tables["expectations"],
        "findings": judgement.findings,
    }
    return Check(
        tables=shown,
        passed=judgement.passed,
        unobserved=judgement.unobserved,
        rules=tuple(map(rule_text, filter(network.applies, applied))),
        problems=tuple(map(str, network.site.problems)),
        statements=tuple(statements(network, {**shown, "settings": tables["settings"]})),
        basis=made_now(network.basis),
        excerpts=excerpts(judgement.findings, network.excerpt),
        described=tuple(
            f"{role} {name}"
            for role, name in sorted(network.site.described)
            if role is not Role.CATALOG
        ),
    )
