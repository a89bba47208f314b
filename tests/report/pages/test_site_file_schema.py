"""docs/site-file.schema.json takes what the program takes, and is the one that the code makes."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest
from audits import ROOT
from jsonschema import Draft202012Validator, ValidationError

from auditor.errors import SiteFileError
from auditor.report.pages.site_file_schema import site_file_schema
from auditor.site import site_file
from auditor.site.site_file import read_site_file
from auditor.text.yamlfile import load_yaml

WRITTEN = json.loads((ROOT / "docs/site-file.schema.json").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs/site-file.md").read_text(encoding="utf-8")
END = "until: 2027-03-31, reason: known"


def as_json(value: Any) -> Any:
    """Return YAML as an editor sees it."""
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def valid(text: str, folder: Path) -> bool:
    """Tell whether the schema takes a file."""
    path = folder / "site.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        Draft202012Validator(WRITTEN).validate(as_json(load_yaml(path)))
    except ValidationError:
        return False
    return True


def read(text: str, folder: Path) -> bool:
    """Tell whether the program takes it."""
    (folder / "site.yaml").write_text(text, encoding="utf-8")
    try:
        read_site_file(folder / "site.yaml")
    except SiteFileError:
        return False
    return True


def test_the_file_is_up_to_date() -> None:
    Draft202012Validator.check_schema(WRITTEN)
    assert site_file_schema() == WRITTEN, (
        "python -m auditor.report.pages.site_file_schema > docs/site-file.schema.json"
    )


def test_the_examples_of_the_page_and_the_module_are_one_and_right(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
    assert read(example, tmp_path)
    assert valid(example, tmp_path)
    shown = [line[4:] for line in (site_file.__doc__ or "").splitlines() if line.startswith("    ")]
    told = [line for line in example.splitlines() if not line.startswith("#")]
    assert [line.replace('"2001:db8::10"', "2001:db8::10") for line in told] == shown


def test_every_key_is_on_the_page() -> None:
    waiver = WRITTEN["properties"]["waivers"]["items"]["properties"]
    assert all(f"## `{key}`" in PAGE for key in WRITTEN["properties"])
    assert all(f"`{key}`" in PAGE for key in waiver)


RIGHT = [
    "",
    "hosts:\nkeepalive:\nwaivers:\nidle_limit:\ndaemons:\n",
    "hosts: {a: 10.0.0.1, b: [10.0.0.1, '::1']}",
    "daemons: {storage  daemon sd1: {addresses: 10.0.0.1}, console *a*: {addresses: ['::']}}",
    "keepalive: {idle: 32767}",
    *(f"idle_limit: {one}" for one in ("60m", "60", "1.5 h", "5M", "never", "aws-nat-gateway")),
    "idle_limit: {all: 60m, 5a: never, 12: 300, 10.0.0.0/8 - fd00::/8: 5m}",
    "idle_limit: {'10.0.0.1,10.0.0.2': 1d}",
    "same_network: []",
    "same_network: [[VLAN 4095, no VLAN], [VLAN 7 VNI 16777215, GRE key 1 mirrored VLAN 9]]",
    "same_network: [[network 0x00ff, VSID 7]]",
    *(
        f"waivers: [{{{one}, {END}}}]"
        for one in ("rule: r", "finding: f", "daemon: d", "connection: 4")
    ),
    f"waivers: [{{address: 10.0.0.1, network: 10.0.0.0/8, connection: 5b, {END}}}]",
]
WRONG = [
    "- a",
    "host: {}",
    "hosts: [a]",
    "hosts: {a: 5}",
    "hosts: {a: []}",
    "hosts: {' ': 10.0.0.1}",
    "daemons: {fd3: {addresses: 10.0.0.1}}",
    "daemons: {director: {addresses: 10.0.0.1}}",
    "daemons: {director d: 10.0.0.1}",
    "daemons: {director d: {}}",
    "daemons: {director d: {address: 10.0.0.1}}",
    "keepalive: 600",
    "keepalive: {time: 600}",
    "keepalive: {idle: 0}",
    "keepalive: {idle: 40000}",
    "keepalive: {interval: 7.5}",
    "idle_limit: soon",
    "idle_limit: 0",
    "idle_limit: {13: 60m}",
    "idle_limit: {all: 5 weeks}",
    "idle_limit: {all: [60m]}",
    "same_network: VLAN 10",
    "same_network: [VLAN 10, VLAN 20]",
    "same_network: [[VLAN 10]]",
    "same_network: [[]]",
    *(
        f"same_network: [[VLAN 10, {one}]]"
        for one in (
            "VLAN 10",
            "20",
            "VLAN",
            "VLAN 0",
            "VLAN 007",
            "VLAN 4096",
            "vlan 20",
            "'VLAN 20 '",
        )
    ),
    *(
        f"same_network: [[VLAN 10, {one}]]"
        for one in ("no VLAN VNI 1", "network 0xG", "'VNI ٧'", "{}")
    ),
    "waivers: {rule: a}",
    "waivers: [a]",
    f"waivers: [{{{END}}}]",
    "waivers: [{rule: a, reason: b}]",
    "waivers: [{rule: a, until: 2027-03-31}]",
    f"waivers: [{{rule: ' ', {END}}}]",
    f"waivers: [{{connection: 13, {END}}}]",
    f"waivers: [{{rule: a, by: me, {END}}}]",
]


@pytest.mark.parametrize("text", RIGHT)
def test_what_the_program_takes_is_valid(text: str, tmp_path: Path) -> None:
    assert read(text, tmp_path)
    assert valid(text, tmp_path)


@pytest.mark.parametrize("text", WRONG)
def test_what_it_refuses_for_its_shape_is_not(text: str, tmp_path: Path) -> None:
    assert not read(text, tmp_path)
    assert not valid(text, tmp_path)
