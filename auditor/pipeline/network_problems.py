"""What is wrong in a network as it is described: in its configuration, and with its waivers."""

from __future__ import annotations

from auditor.config.resources import Problem
from auditor.pipeline.network import Network


def network_problems(network: Network) -> tuple[Problem, ...]:
    """Return the problems of the configuration, and of waivers that no audit is needed to see.
    Raises RuleError."""
    found = network.site.problems if network.site is not None else ()
    if not network.site_file.waivers:
        return found
    from auditor.judge.rules.waiving import waiver_problems

    known = {rule.id for rule in network.rules} | network.configuration_rule_ids
    return (*found, *waiver_problems(network.site_file.waivers, known, network.today))
