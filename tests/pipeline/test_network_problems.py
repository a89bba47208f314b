"""What is wrong in a network before anything is captured."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from paths import CAPTURES

import auditor
from auditor.pipeline.network_problems import network_problems


def test_problems_of_the_configuration_and_then_of_waivers(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(
        "waivers:\n- {rule: gone, until: 2027-03-31, reason: x}\n"
        "- {rule: address-private, until: 2026-03-31, reason: x}\n"
    )
    config, today = CAPTURES / "trouble" / "config", dt.date(2027, 1, 1)
    network = auditor.load_network(config=config, site=site, today=today, resolve=False)
    assert network.site is not None
    found = network_problems(network)
    assert found[: len(network.site.problems)] == network.site.problems
    assert [str(one) for one in found[len(network.site.problems) :]] == [
        f"{site}:2: a waiver speaks of 'gone', which is no rule",
        f"{site}:3: the waiver for rule address-private held until 2026-03-31",
    ]
    alone = auditor.load_network(site=site, today=dt.date(2026, 1, 1))
    assert [one.kind for one in network_problems(alone)] == ["waiver-rule-unknown"]
    assert network_problems(auditor.load_network()) == ()
