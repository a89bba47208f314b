"""``docs/report.schema.json`` from the table contract: ``python -m auditor.report.pages.schema``.

JSON Schema 2020-12 of what ``document`` writes. Objects may gain keys, so more are allowed.
"""

from __future__ import annotations

import json
import sys

from auditor.comparison import State
from auditor.judge.tables.columns import ALL_TABLES, TABLES
from auditor.judge.tables.expectations import OBSERVED
from auditor.report.json_document import (
    AUDIT_SCHEMA,
    CHECK_SCHEMA,
    COMPARE_SCHEMA,
    EXPECT_SCHEMA,
    IDLE_LIMITS_SCHEMA,
    RULES_SCHEMA,
    SOCKETS_SCHEMA,
)
from auditor.report.json_rows import NULLABLE, group_of
from auditor.report.pages.schema_doctor import doctor_documents
from auditor.report.pages.schema_parts import COUNT, cell_of, document, object_of, rows_of
from auditor.report.pages.vocabulary import (
    BASIS,
    COMPARED,
    COVERAGE,
    EXCERPT,
    GROUPS,
    LIST,
    MIDDLEBOX,
    OPINION,
    RULE_KEYS,
    SEVERITIES,
    Schema,
)
from auditor.site.connections import connections

_DOCUMENTS = ("audit", "check", "compare", "doctor", "expect", "idle_limits", "rules", "sockets")
_PROBLEMS: Schema = {
    **LIST,
    "description": "what could not be read in the configuration, and its traps",
}
_EXCERPTS: Schema = {
    "type": "array",
    "items": {"$ref": "#/$defs/excerpt"},
    "description": "what the configuration says at the places that findings name",
}


def report_schema() -> Schema:
    """Return the JSON Schema of all eight documents."""
    exercised = object_of({n: cell_of("expectations", n) for n in TABLES["expectations"]})
    planned = object_of(
        {n: cell_of("expectations", n) for n in TABLES["expectations"] if n not in OBSERVED}
    )
    rule = object_of(
        {key: {**kind, "description": text} for key, (kind, text) in RULE_KEYS.items()}
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Reports of bareos-audit",
        "description": "What --format json writes. What is missing is null; times are ISO 8601 in "
        "UTC with nanoseconds. Keys may be added, none is renamed.",
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in _DOCUMENTS],
        "$defs": {
            "audit": _audit(),
            "check": _check(),
            "compare": _compare(),
            **doctor_documents(),
            "expect": document(
                EXPECT_SCHEMA,
                {
                    "expectations": rows_of("planned", "what is called for"),
                    "problems": _PROBLEMS,
                },
            ),
            "idle_limits": document(
                IDLE_LIMITS_SCHEMA, {"idle_limits": rows_of("middlebox", "by name")}
            ),
            "rules": document(RULES_SCHEMA, {"rules": rows_of("rule", "worst first")}),
            "sockets": document(
                SOCKETS_SCHEMA,
                {"sockets": rows_of("socket", "this host's, without listening ones")},
            ),
            "capture": object_of({n: cell_of("captures", n) for n in TABLES["captures"]}),
            "flow": _flow(),
            "probe": object_of({n: cell_of("probes", n) for n in TABLES["probes"]}),
            "excerpt": object_of(dict(EXCERPT)),
            "compared": object_of(dict(COMPARED)),
            "expectation": exercised,
            "planned": planned,
            "finding": object_of({n: cell_of("findings", n) for n in TABLES["findings"]}),
            "middlebox": object_of(dict(MIDDLEBOX)),
            "rule": rule,
            "socket": object_of({n: cell_of("sockets", n) for n in ALL_TABLES["sockets"]}),
            "summary": _summary(),
            "checked": _checked(),
        },
    }


def _audit() -> Schema:
    return document(
        AUDIT_SCHEMA,
        {
            "basis": _basis(),
            "captures": rows_of("capture", "what was read"),
            "flows": rows_of("flow", "TCP connections on a Bareos port"),
            "probes": rows_of("probe", "keepalive probes"),
            "expectations": rows_of("expectation", "what the configuration calls for"),
            "findings": rows_of("finding", "fails, unknowns and notes, worst first"),
            "failed": {
                "type": ["array", "null"],
                "items": {"type": "string"},
                "description": "ids of all flows that a fail is about which no waiver covers",
            },
            "excerpts": _EXCERPTS,
            "second_opinion": OPINION,
            "rules": _applied(),
            "problems": _PROBLEMS,
            "summary": {"$ref": "#/$defs/summary", "description": "the verdict, and counts"},
        },
    )


def _check() -> Schema:
    return document(
        CHECK_SCHEMA,
        {
            "basis": _basis(),
            "expectations": rows_of("planned", "what the configuration calls for"),
            "findings": rows_of("finding", "of the configuration alone, worst first"),
            "excerpts": _EXCERPTS,
            "rules": _applied(),
            "problems": _PROBLEMS,
            "summary": {"$ref": "#/$defs/checked", "description": "the verdict, and counts"},
        },
    )


def _compare() -> Schema:
    counts = {str(state): {**COUNT, "description": f"findings {state}"} for state in State}
    return document(
        COMPARE_SCHEMA,
        {
            "old": _basis(),
            "new": _basis(),
            "findings": rows_of("compared", "opened first, then closed, then unchanged"),
            "summary": {**object_of(counts), "description": "how many of each"},
        },
    )


_APPLIED = ("id", "title", "about", "severity", "explains", "why", "remedy", "manual", "manual_url")


def _applied() -> Schema:
    applied = object_of(
        {key: {**RULE_KEYS[key][0], "description": RULE_KEYS[key][1]} for key in _APPLIED}
        | {
            "passed": {**COUNT, "description": "rows that passed it"},
            "unobserved": {**COUNT, "description": "rows of which nobody could see whether"},
        }
    )
    return {"type": "array", "items": applied, "description": "the rules applied"}


def _basis() -> Schema:
    return {
        **object_of(dict(BASIS)),
        "description": "what the audit rests on beside its captures",
    }


def _summary() -> Schema:
    coverage = {key: {**COUNT, "description": text} for key, text in COVERAGE.items()}
    coverage["heartbeats"] = {
        "type": "object",
        "additionalProperties": COUNT,
        "description": "flows by verdict on their heartbeat",
    }
    coverage["complete"] = {
        "type": "boolean",
        "description": "the captures hold all that passed their taps",
    }
    return object_of(
        {
            **_verdict("the captures hold nothing to judge"),
            "by_connection": {
                **object_of(
                    {
                        number: {**COUNT, "description": f"flows: {of.title}"}
                        for number, of in connections().items()
                    }
                ),
                "description": "flows by connection number",
            },
            "coverage": {**object_of(coverage), "description": "how far the captures reached"},
        }
    )


def _verdict(unknown: str) -> dict[str, Schema]:
    counts = object_of({s: {**COUNT, "description": f"of severity {s}"} for s in SEVERITIES})
    return {
        "verdict": {"enum": ["pass", "fail", "unknown"], "description": f"unknown: {unknown}"},
        "statements": {**LIST, "description": "what to know before any finding, a sentence each"},
        "by_severity": {**counts, "description": "fails that no waiver covers; info: notes"},
    }


def _checked() -> Schema:
    counted = {
        key: COVERAGE[key] for key in ("expectations", "unknowns", "waived", "known", "passed")
    }
    return object_of(
        {
            **_verdict("the configuration describes no connection"),
            "described": {**LIST, "description": "whose own configuration is at hand"},
            **{key: {**COUNT, "description": text} for key, text in counted.items()},
        }
    )


def _flow() -> Schema:
    properties: dict[str, Schema] = {}
    groups: dict[str, dict[str, Schema]] = {}
    for name in TABLES["flows"]:
        group, key = group_of(name)
        if group:
            groups.setdefault(group, {})[key] = cell_of("flows", name)
            properties[group] = {}
        else:
            properties[name] = cell_of("flows", name)
    for group, keys in groups.items():
        properties[group] = {**object_of(keys), "description": GROUPS[group]}
    for group in NULLABLE:
        properties[group]["type"] = ["object", "null"]
    return object_of(properties)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(report_schema(), indent=2) + "\n")
