"""Audits for the tests of reports: real ones, made once a run, and small ones made by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import chdir
from functools import cache
from typing import Any

from paths import ROOT

import auditor
from auditor.api import expectation_table
from auditor.judge.rules.rule import load_rules
from auditor.judge.rules.rule_text import rule_text
from auditor.judge.tables.table import Table, build

#: Folder of the configuration and of the capture, relative to ``captures/``.
RECORDINGS = {
    "modes": ("modes", "modes"),
    "heartbeat": ("heartbeat", "heartbeat"),
    "cleartext": ("cleartext", "cleartext"),
    "trouble": ("trouble", "trouble"),
    "lan": ("lan-nat-active", "lan-nat-active/lan"),
    "wan": ("lan-nat-active", "lan-nat-active/wan"),
}

Row = Mapping[str, Any]


@cache
def recorded(name: str, *, configured: bool = True) -> auditor.Audit:
    """Return the audit of a recording; paths in it are relative to the checkout."""
    config, folder = RECORDINGS[name]
    with chdir(ROOT):
        return auditor.audit(
            f"captures/{folder}/capture.pcap",
            config=f"captures/{config}/config" if configured else (),
            resolve=False,
        )


@cache
def expected(name: str) -> Table:
    """Return what the configuration of a recording calls for."""
    with chdir(ROOT):
        return expectation_table(f"captures/{RECORDINGS[name][0]}/config", resolve=False)


FLOW: Row = {
    "id": "f1",
    "capture": "a.pcap",
    "initiator_address": "192.0.2.10",
    "initiator_port": 40000,
    "initiator_daemon": "director dir",
    "initiator_evidence": "syn",
    "acceptor_address": "192.0.2.20",
    "acceptor_port": 9103,
    "acceptor_daemon": "storage daemon sd",
    "connection": "5a",
    "numbered": True,
    "confidence": "certain",
    "outcome": "established",
    "started": 1_800_000_000_123_456_789,
    "transport": "tls",
    "tls_version": "1.3",
    "tls_policy": "required",
    "identity_type": "R_DIRECTOR",
    "identity_name": "dir",
    "identity_proven": True,
    "heartbeat_expected_s": 60,
    "heartbeat_observed_s": 60.5,
    "heartbeat_probes": 3,
    "heartbeat_answered": 3,
    "heartbeat_verdict": "pass",
    "heartbeat_reason": "probes came every 60.5 s",
    "longest_quiet_s": 60.5,
}

FINDING: Row = {
    "rule": "connection-refused",
    "verdict": "fail",
    "severity": "medium",
    "confidence": "certain",
    "capture": "a.pcap",
    "flow": "f1",
    "message": "sd refused",
    "sources": ["dir.conf:10", "dir.conf:2"],
    "remedy": "Start it.",
}

CAPTURE: Row = {
    "name": "a.pcap",
    "format": "pcap",
    "packets": 9,
    "segments": 7,
    "first": 1_800_000_000_000_000_000,
    "last": 1_800_000_090_000_000_000,
    "duration_s": 90.0,
}


def made(
    *,
    flows: Iterable[Row] = (),
    findings: Iterable[Row] = (),
    captures: Iterable[Row] = (CAPTURE,),
    expectations: Iterable[Row] = (),
    probes: Iterable[Row] = (),
    problems: Iterable[str] = (),
) -> auditor.Audit:
    """Return an audit with these rows; what a row leaves out is missing."""
    return auditor.Audit(
        tables={
            "captures": build("captures", captures),
            "flows": build("flows", flows),
            "probes": build("probes", probes),
            "expectations": build("expectations", expectations),
            "findings": build("findings", map(_whole, findings)),
        },
        passed={rule.id: 0 for rule in load_rules()} | {"connection-refused": 4},
        unobserved={rule.id: 0 for rule in load_rules()},
        rules=tuple(map(rule_text, load_rules())),
        problems=tuple(problems),
    )


def _whole(finding: Row) -> Row:
    """A finding of one rule on one flow, unless the row says otherwise."""
    flow = finding.get("flow")
    return {"rules": [finding["rule"]], "flows": [flow] if flow else [], **finding}
