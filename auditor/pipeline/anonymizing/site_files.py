"""Hosts file and site file with other addresses and names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from auditor.judge.rules.rule import rule_ids
from auditor.pipeline.anonymizing.stand_ins import LEFT_OUT, StandIns
from auditor.site.connections import connections
from auditor.site.resolver import read_hosts
from auditor.site.site_file import ROLES, read_site_file
from auditor.text.yamlfile import load_yaml_with_lines

#: Stands for the id of a rule that is not shipped.
_NO_RULE = "left-out"
_SELECTORS = ("rule", "daemon", "address", "network", "connection")


def hosts_anew(path: str | Path, wanted: Iterable[str], stand_ins: StandIns) -> str:
    """Return a hosts file that has of ``path`` the names that are ``wanted``, and no others."""
    names = {name.lower().rstrip(".") for name in wanted}
    return "".join(
        f"{stand_ins.address(address)} {stand_ins.host(name)}\n"
        for name, addresses in read_hosts(path).items()
        if name in names
        for address in sorted(addresses)
    )


def site_file_anew(path: str | Path, stand_ins: StandIns) -> tuple[str, int]:
    """Return a site file, and how many waivers are missing in it: what makes the id of a finding
    are the true names. Raises SiteFileError."""
    import yaml

    read_site_file(path)
    given = load_yaml_with_lines(Path(path), {}) or {}
    waivers = given.get("waivers") or []
    kept = [_waiver(one, stand_ins) for one in waivers if "finding" not in one]
    said: dict[str, Any] = {
        "hosts": {
            stand_ins.address(name): _addresses(listed, stand_ins)
            for name, listed in (given.get("hosts") or {}).items()
        },
        "daemons": {
            _daemon(name, stand_ins): {"addresses": _addresses(one["addresses"], stand_ins)}
            for name, one in (given.get("daemons") or {}).items()
        },
        "keepalive": given.get("keepalive"),
        "idle_limit": _idle_limit(given.get("idle_limit"), stand_ins),
        "same_network": given.get("same_network"),
        "waivers": kept,
    }
    filled = {key: value for key, value in said.items() if value not in (None, {}, [])}
    return yaml.safe_dump(filled, sort_keys=False, width=1000), len(waivers) - len(kept)


def _addresses(listed: str | list[str], stand_ins: StandIns) -> list[str]:
    return [stand_ins.address(one) for one in ([listed] if isinstance(listed, str) else listed)]


def _daemon(written: str, stand_ins: StandIns) -> str:
    """Return a daemon as it is called in a site file, with its role or without."""
    words = " ".join(written.split())
    role = next((one for one in ROLES if words.startswith(f"{one} ")), "")
    name = words.removeprefix(role).strip()
    return f"{role} {stand_ins.name(name)}".strip()


def _network(text: str, stand_ins: StandIns) -> str:
    return stand_ins.network(ip_network(text.strip(), strict=False))


def _idle_limit(value: Any, stand_ins: StandIns) -> Any:
    """Return limits of silence; which are known, a reader has checked."""
    if not isinstance(value, Mapping):
        return value
    return {_limited(key, stand_ins): limit for key, limit in value.items()}


def _limited(key: Any, stand_ins: StandIns) -> Any:
    if key == "all" or str(key) in connections():
        return key
    parts = re.split(r"\s*,\s*|\s+-\s+|\s+", str(key).strip())
    return " ".join(_network(part, stand_ins) for part in parts)


def _waiver(given: Mapping[str, Any], stand_ins: StandIns) -> dict[str, Any]:
    made = {key: given[key] for key in _SELECTORS if key in given}
    if "rule" in made and str(made["rule"]).strip() not in rule_ids():
        made["rule"] = _NO_RULE
    how = {"daemon": _daemon, "address": _addresses, "network": _network}
    for key in how.keys() & made.keys():
        anew: Any = how[key](str(made[key]), stand_ins)
        made[key] = anew[0] if isinstance(anew, list) else anew
    return {**made, "until": given["until"], "reason": LEFT_OUT}
