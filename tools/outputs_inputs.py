"""The inputs that no recording has: further rules, a site file with waivers, and broken files."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import zstandard

#: Always the same place, so that all runs name the same paths.
HOME = Path("/tmp/bareos-audit-outputs")
INPUTS = HOME / "inputs"
WRITTEN = HOME / "written"

_RULE = """\
id: {id}
title: A made-up rule
about: flows
severity: {severity}
applies: numbered
fail: {fail}
message: "{{initiator_daemon}} dialled {{acceptor_daemon}} on {{connection}}"
evidence: [started, acceptor_port]
why: It is made up.
remedy: None.
"""

_SITE = """\
hosts:
  sd.example.com: [192.0.2.20, "2001:db8::20"]
daemons:
  file daemon fd1: {addresses: [10.77.0.31, 192.0.2.31]}
  console admin: {addresses: [10.77.0.66]}
keepalive: {idle: 600, interval: 30}
waivers:
  - {rule: heartbeat-unset, until: 2999-12-31, reason: holds for all}
  - {rule: catalog-cleartext, daemon: bareos-dir, until: 2999-12-31, reason: holds for one}
  - {rule: socket-heartbeat-wrong, daemon: fd1, until: 2999-12-31, reason: holds for a socket}
  - {rule: connection-unanswered, until: 2020-01-31, reason: expired}
  - {rule: no-such-rule, until: 2999-12-31, reason: nobody knows it}
"""

_FILES = {
    "site.yaml": _SITE,
    "hosts": "192.0.2.10 dir.example.com dir # a comment\n2001:db8::20 sd.example.com\n",
    "rules/dialled.yaml": _RULE.format(id="dialled", severity="low", fail="initiator_port > 40000"),
    "rules/heartbeat-unset.yaml": _RULE.format(
        id="heartbeat-unset", severity="high", fail='outcome == "established"'
    ),
    "broken/empty.pcap": "",
    "broken/text.pcap": "This is no capture, although it is called one.\n",
    "broken/unclosed.conf": 'Director {\n  Name = "dir"\n',
    "broken/directive.conf": "Client {\n  Name = fd1\n  No Such Directive = 5\n}\n",
    "broken/value.conf": "Client {\n  Name = fd1\n  Heartbeat Interval = soon\n}\n",
    "broken/include.conf": "@/nowhere/at/all.conf\n",
    "broken/folder/readme.txt": "no configuration\n",
    "broken/site-yaml.yaml": "hosts: [\n",
    "broken/site-key.yaml": "host: {}\n",
    "broken/site-day.yaml": "waivers: [{rule: a, until: tomorrow, reason: b}]\n",
    "broken/site-address.yaml": "hosts: {a: [192.0.2.300]}\n",
    "broken/site-role.yaml": "daemons: {fd1: {addresses: [192.0.2.3]}}\n",
    "broken/hosts": "192.0.2.300 dir\nnonsense\n",
    "broken/rules-yaml/one.yaml": "id: [\n",
    "broken/rules-key/one.yaml": "id: one\ntitle: it lacks the rest\n",
    "broken/rules-column/one.yaml": _RULE.format(id="one", severity="low", fail="no_such > 1"),
    "broken/rules-id/one.yaml": _RULE.format(id="two", severity="low", fail="numbered"),
    "broken/rules-severity/one.yaml": _RULE.format(id="one", severity="awful", fail="numbered"),
}


def make_inputs(sample: Path) -> list[Path]:
    """Write the files; return captures made of ``sample``: compressed, cut short, with a tail."""
    shutil.rmtree(INPUTS, ignore_errors=True)
    shutil.rmtree(WRITTEN, ignore_errors=True)
    for name, text in _FILES.items():
        path = INPUTS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    data = sample.read_bytes()
    packed = gzip.compress(data, mtime=0)
    captures = {
        "sample.pcap.gz": packed,
        "sample.pcap.zst": zstandard.compress(data),
        "half.pcap": data[: len(data) // 2],
        "half.pcap.gz": packed[: len(packed) // 2],
        "tail.pcap": data + b"\xff" * 40,
        "head.pcap": data[:24],
    }
    for name, content in captures.items():
        (INPUTS / name).write_bytes(content)
    (INPUTS / "broken" / "same.pcap").write_bytes(data)
    WRITTEN.mkdir()
    return [INPUTS / name for name in captures]
