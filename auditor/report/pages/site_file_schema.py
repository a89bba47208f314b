"""``docs/site-file.schema.json``: ``python -m auditor.report.pages.site_file_schema``.

JSON Schema 2020-12 of the site file, for editors that complete and check YAML by one. What it
cannot say (that a text is an IP address) the program checks when it reads the file.
"""

from __future__ import annotations

import json
import sys

from auditor.report.pages.vocabulary import Schema
from auditor.site.connections import connections
from auditor.site.middleboxes import middleboxes
from auditor.site.same_network import NETWORK
from auditor.site.site_file import MAX_TIMER_S, ROLES, Keepalive
from auditor.site.waivers import SELECTORS
from auditor.text.amounts import TIME_UNITS

_ADDRESS: Schema = {"type": "string", "minLength": 2}
_ADDRESSES: Schema = {
    "oneOf": [_ADDRESS, {"type": "array", "items": _ADDRESS, "minItems": 1}],
    "description": "IPv4 or IPv6 addresses",
}
_NAME: Schema = {"type": "string", "pattern": "\\S"}


def site_file_schema() -> Schema:
    """Return the JSON Schema of a site file."""
    parts = {
        "hosts": _hosts(),
        "daemons": _daemons(),
        "keepalive": _keepalive(),
        "idle_limit": _idle_limit(),
        "same_network": _same_network(),
        "waivers": {"type": ["array", "null"], "items": _waiver()},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Site file of bareos-audit",
        "description": "What no Bareos file can say: docs/site-file.md",
        **_object(parts),
        "type": ["object", "null"],
    }


def _object(properties: dict[str, Schema], **more: object) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        **more,
    }


def _hosts() -> Schema:
    return {
        "type": ["object", "null"],
        "description": "names that the resolver does not know, or knows differently",
        "propertyNames": _NAME,
        "additionalProperties": _ADDRESSES,
    }


def _daemons() -> Schema:
    return {
        "type": ["object", "null"],
        "description": "further addresses of a daemon, by role and name",
        "propertyNames": {"pattern": f"^\\s*({'|'.join(ROLES)})\\s+\\S".replace(" ", "\\s+")},
        "additionalProperties": _object({"addresses": _ADDRESSES}, required=["addresses"]),
    }


def _keepalive() -> Schema:
    def timer(meaning: str, default: int) -> Schema:
        limits = {"minimum": 1, "maximum": MAX_TIMER_S}
        return {"type": "integer", **limits, "default": default, "description": meaning}

    linux = Keepalive()
    parts = {
        "idle": timer("seconds of silence before the first probe", linux.idle),
        "interval": timer("seconds between probes that nobody answers", linux.interval),
    }
    return {**_object(parts), "type": ["object", "null"]}


def _idle_limit() -> Schema:
    units = "".join(f"{one}{one.upper()}" for one in TIME_UNITS)
    limit: Schema = {
        "anyOf": [
            {"type": "number", "exclusiveMinimum": 0},
            {"enum": ["never", *middleboxes()]},
            {"type": "string", "pattern": f"^\\s*[0-9.]+\\s*[{units}]?\\s*$"},
        ],
        "description": "a time such as 60m, never, or the name of a middlebox",
    }
    numbers = "|".join(connections())
    return {
        "description": "after how long the way forgets a silent connection",
        "anyOf": [
            {"type": "null"},
            limit,
            {
                "type": "object",
                "additionalProperties": False,
                "patternProperties": {f"^(all|{numbers})$": limit, "[./:].*[\\s,-]+": limit},
            },
        ],
    }


def _same_network() -> Schema:
    name: Schema = {"type": "string", "pattern": NETWORK}
    return {
        "type": ["array", "null"],
        "description": "VLANs or tunnels in which an address is one host, as FLOWS calls them",
        "items": {"type": "array", "items": name, "minItems": 2, "uniqueItems": True},
    }


def _waiver() -> Schema:
    selectors: dict[str, Schema] = {
        "rule": {**_NAME, "description": "id of a rule: bareos-audit rules"},
        "finding": {**_NAME, "description": "id of a finding, as reports show it"},
        "daemon": {**_NAME, "description": "name of a daemon at either end, with or without role"},
        "address": {**_ADDRESS, "description": "IP address of either end"},
        "network": {**_NAME, "description": "network with an end in it, such as 10.9.0.0/24"},
        "connection": {
            "enum": [*connections(), *(int(one) for one in connections() if one.isdigit())],
            "description": "connection number",
        },
    }
    assert selectors.keys() == set(SELECTORS)
    until = {"type": "string", "format": "date", "description": "the last day on which it holds"}
    reason = {**_NAME, "description": "why it is accepted; reports show it"}
    return _object(
        {**selectors, "until": until, "reason": reason},
        required=["until", "reason"],
        anyOf=[{"required": [name]} for name in SELECTORS],
    )


if __name__ == "__main__":
    sys.stdout.write(json.dumps(site_file_schema(), indent=2, ensure_ascii=False) + "\n")
