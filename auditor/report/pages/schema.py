"""``docs/report.schema.json`` from the table contract: ``python -m auditor.report.pages.schema``.

JSON Schema 2020-12 of what ``document`` writes. Objects may gain keys, so additional ones are
always allowed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

from auditor.judge.tables.columns import ALL_TABLES, TABLES
from auditor.judge.tables.expectations import OBSERVED
from auditor.report.json_document import (
    AUDIT_SCHEMA,
    CHECK_SCHEMA,
    EXPECT_SCHEMA,
    IDLE_LIMITS_SCHEMA,
    RULES_SCHEMA,
    SOCKETS_SCHEMA,
)
from auditor.report.json_rows import NULLABLE, group_of
from auditor.report.pages.vocabulary import (
    BASIS,
    COVERAGE,
    EXCERPT,
    GROUPS,
    LIST,
    MIDDLEBOX,
    RULE_KEYS,
    SEVERITIES,
    TYPES,
    Schema,
)
from auditor.site.connections import connections

_DOCUMENTS = ("audit", "check", "expect", "idle_limits", "rules", "sockets")
_PROBLEMS: Schema = {
    **LIST,
    "description": "what could not be read in the configuration, and its traps",
}
_EXCERPTS: Schema = {
    "type": "array",
    "items": {"$ref": "#/$defs/excerpt"},
    "description": "what the configuration says at the places that findings name",
}
_COUNT: Schema = {"type": "integer", "minimum": 0}


def report_schema() -> Schema:
    """Return the JSON Schema of all six documents."""
    exercised = _object({n: _column("expectations", n) for n in TABLES["expectations"]})
    planned = _object(
        {n: _column("expectations", n) for n in TABLES["expectations"] if n not in OBSERVED}
    )
    rule = _object({key: {**kind, "description": text} for key, (kind, text) in RULE_KEYS.items()})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Reports of bareos-audit",
        "description": "What --format json writes. What is missing is null; times are ISO 8601 in "
        "UTC with nanoseconds. Keys may be added, none is renamed.",
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in _DOCUMENTS],
        "$defs": {
            "audit": _audit(),
            "check": _check(),
            "expect": _document(
                EXPECT_SCHEMA,
                {"expectations": _rows("planned", "what is called for"), "problems": _PROBLEMS},
            ),
            "idle_limits": _document(
                IDLE_LIMITS_SCHEMA, {"idle_limits": _rows("middlebox", "by name")}
            ),
            "rules": _document(RULES_SCHEMA, {"rules": _rows("rule", "worst first")}),
            "sockets": _document(
                SOCKETS_SCHEMA, {"sockets": _rows("socket", "this host's, without listening ones")}
            ),
            "capture": _object({n: _column("captures", n) for n in TABLES["captures"]}),
            "flow": _flow(),
            "probe": _object({n: _column("probes", n) for n in TABLES["probes"]}),
            "excerpt": _object(dict(EXCERPT)),
            "expectation": exercised,
            "planned": planned,
            "finding": _object({n: _column("findings", n) for n in TABLES["findings"]}),
            "middlebox": _object(dict(MIDDLEBOX)),
            "rule": rule,
            "socket": _object({n: _column("sockets", n) for n in ALL_TABLES["sockets"]}),
            "summary": _summary(),
            "checked": _checked(),
        },
    }


def _audit() -> Schema:
    return _document(
        AUDIT_SCHEMA,
        {
            "basis": _basis(),
            "captures": _rows("capture", "what was read"),
            "flows": _rows("flow", "TCP connections on a Bareos port"),
            "probes": _rows("probe", "keepalive probes"),
            "expectations": _rows("expectation", "what the configuration calls for"),
            "findings": _rows("finding", "fails, unknowns and notes, worst first"),
            "failed": {
                "type": ["array", "null"],
                "items": {"type": "string"},
                "description": "ids of all flows that a fail is about which no waiver covers",
            },
            "excerpts": _EXCERPTS,
            "rules": _applied(),
            "problems": _PROBLEMS,
            "summary": {"$ref": "#/$defs/summary", "description": "the verdict, and counts"},
        },
    )


def _check() -> Schema:
    return _document(
        CHECK_SCHEMA,
        {
            "basis": _basis(),
            "expectations": _rows("planned", "what the configuration calls for"),
            "findings": _rows("finding", "of the configuration alone, worst first"),
            "excerpts": _EXCERPTS,
            "rules": _applied(),
            "problems": _PROBLEMS,
            "summary": {"$ref": "#/$defs/checked", "description": "the verdict, and counts"},
        },
    )


_APPLIED = ("id", "title", "about", "severity", "explains", "why", "remedy", "manual")


def _applied() -> Schema:
    applied = _object(
        {key: {**RULE_KEYS[key][0], "description": RULE_KEYS[key][1]} for key in _APPLIED}
        | {
            "passed": {**_COUNT, "description": "rows that passed it"},
            "unobserved": {**_COUNT, "description": "rows of which nobody could see whether"},
        }
    )
    return {"type": "array", "items": applied, "description": "the rules applied"}


def _basis() -> Schema:
    return {**_object(dict(BASIS)), "description": "what the audit rests on beside its captures"}


def _summary() -> Schema:
    coverage = {key: {**_COUNT, "description": text} for key, text in COVERAGE.items()}
    coverage["heartbeats"] = {
        "type": "object",
        "additionalProperties": _COUNT,
        "description": "flows by verdict on their heartbeat",
    }
    coverage["complete"] = {
        "type": "boolean",
        "description": "the captures hold all that passed their taps",
    }
    return _object(
        {
            **_verdict("the captures hold nothing to judge"),
            "by_connection": {
                **_object(
                    {
                        number: {**_COUNT, "description": f"flows: {of.title}"}
                        for number, of in connections().items()
                    }
                ),
                "description": "flows by connection number",
            },
            "coverage": {**_object(coverage), "description": "how far the captures reached"},
        }
    )


def _verdict(unknown: str) -> dict[str, Schema]:
    counts = _object({s: {**_COUNT, "description": f"of severity {s}"} for s in SEVERITIES})
    return {
        "verdict": {"enum": ["pass", "fail", "unknown"], "description": f"unknown: {unknown}"},
        "statements": {**LIST, "description": "what to know before any finding, a sentence each"},
        "by_severity": {**counts, "description": "fails that no waiver covers; info: notes"},
    }


def _checked() -> Schema:
    counted = {
        key: COVERAGE[key] for key in ("expectations", "unknowns", "waived", "known", "passed")
    }
    return _object(
        {
            **_verdict("the configuration describes no connection"),
            "described": {**LIST, "description": "whose own configuration is at hand"},
            **{key: {**_COUNT, "description": text} for key, text in counted.items()},
        }
    )


def _flow() -> Schema:
    properties: dict[str, Schema] = {}
    groups: dict[str, dict[str, Schema]] = {}
    for name in TABLES["flows"]:
        group, key = group_of(name)
        if group:
            groups.setdefault(group, {})[key] = _column("flows", name)
            properties[group] = {}
        else:
            properties[name] = _column("flows", name)
    for group, keys in groups.items():
        properties[group] = {**_object(keys), "description": GROUPS[group]}
    for group in NULLABLE:
        properties[group]["type"] = ["object", "null"]
    return _object(properties)


def _column(table: str, name: str) -> Schema:
    column = ALL_TABLES[table][name]
    words = [*column.listed_words(), *([None] if column.optional else [])]
    kind: Schema = {"enum": words} if column.words else TYPES[column.dtype]
    return {**kind, "description": column.meaning}


def _rows(name: str, description: str) -> Schema:
    items = {"$ref": f"#/$defs/{name}"}
    return {"type": "array", "items": items, "description": description}


def _document(schema: str, properties: Mapping[str, Schema]) -> Schema:
    return _object(
        {
            "schema": {"const": schema, "description": "name and version of this document"},
            "version": {"type": "string", "description": "of bareos-audit"},
            **properties,
        }
    )


def _object(properties: Mapping[str, Schema]) -> Schema:
    return {
        "type": "object",
        "required": list(properties),
        "properties": dict(properties),
        "additionalProperties": True,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(report_schema(), indent=2) + "\n")
