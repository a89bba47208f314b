"""The words of the JSON reports beyond the columns: which there are, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.comparison import State
from auditor.judge.tables.columns import JUDGED_TABLES
from auditor.judge.verdicts import Confidence, Severity

Schema = dict[str, Any]

LIST: Schema = {"type": "array", "items": {"type": "string"}}
TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$"
TYPES: Mapping[str, Schema] = {
    "str": {"type": ["string", "null"], "minLength": 1},
    "Int64": {"type": ["integer", "null"]},
    "Float64": {"type": ["number", "null"]},
    "bool": {"type": "boolean"},
    "time": {"type": ["string", "null"], "pattern": TIME},
    "list": LIST,
}
CONFIDENCES = [str(word) for word in Confidence]
SEVERITIES = [str(word) for word in Severity]

RULE_KEYS: Mapping[str, tuple[Schema, str]] = {
    "id": ({"type": "string"}, "id of the rule"),
    "title": ({"type": "string"}, "what it finds, in one line"),
    "about": ({"enum": [*JUDGED_TABLES]}, "the table it judges"),
    "severity": ({"enum": SEVERITIES}, "how bad a fail is; info: a note"),
    "confidence": ({"enum": CONFIDENCES}, "the most that a finding of it can be sure of"),
    "applies": ({"type": "string"}, "condition: the rows it judges"),
    "fail": ({"type": "string"}, "condition: the rows that fail"),
    "unknown": ({"type": ["string", "null"]}, "fail and doubt: the rows that are unknown"),
    "doubt": ({"type": ["string", "null"]}, "condition: of the rows that fail, those in doubt"),
    "blind": ({"type": ["string", "null"]}, "condition: the rows on which nothing was observed"),
    "message": ({"type": "string"}, "template of a finding's message, over the columns"),
    "abstain": ({"type": ["string", "null"]}, "the same where there is a doubt"),
    "once": (LIST, "columns: failing rows that are equal in them are one finding"),
    "each": ({"type": ["string", "null"]}, "template: what each row of such a finding is called"),
    "explains": (LIST, "rules whose findings are told with those of this one, their cause"),
    "evidence": (LIST, "columns that a finding quotes"),
    "sources": (LIST, "columns that hold the file:line of what the configuration says"),
    "why": ({"type": "string"}, "why it matters"),
    "remedy": ({"type": "string"}, "what to do"),
    "manual": ({"type": ["string", "null"]}, "chapter and section of the Bareos manual"),
    "manual_url": ({"type": ["string", "null"]}, "where that section is read on the web"),
}

#: What is known of a middlebox.
MIDDLEBOX: Mapping[str, Schema] = {
    "name": {"type": "string", "description": "what --idle-limit takes"},
    "limit_s": {"type": "integer", "description": "seconds of silence before it forgets"},
    "then": {"type": "string", "description": "what becomes of the next packet"},
    "source": {"type": "string", "description": "where the limit was read"},
    "read": {"type": "string", "description": "on what day"},
}

#: What an audit rests on beside its captures.
BASIS: Mapping[str, Schema] = {
    "made": {**TYPES["time"], "description": "when the audit was made"},
    "version": {**TYPES["str"], "description": "of bareos-audit that made it"},
    "configuration": {**LIST, "description": "the paths given as configuration"},
    "site_file": {**TYPES["str"], "description": "the site file; null: none was given"},
    "hosts_file": {**TYPES["str"], "description": "the hosts file; null: none was given"},
    "rules": {**LIST, "description": "directories with further rules"},
    "baseline": {**TYPES["str"], "description": "report whose findings do not count; null: none"},
    "baseline_made": {**TYPES["time"], "description": "when that audit was made"},
    "left_out": {**LIST, "description": "ids of the rules that were not to be applied"},
    "decode_as": {**LIST, "description": "which UDP ports are tunnels, in Wireshark's words"},
    "fail_on": {"enum": SEVERITIES, "description": "the least severity that counts"},
}

#: What a configuration says at one place.
EXCERPT: Mapping[str, Schema] = {
    "file": {"type": "string", "description": "as findings call it in their sources"},
    "line": {"type": "integer", "minimum": 1, "description": "the line that they name"},
    "first": {"type": "integer", "minimum": 1, "description": "number of the first of lines"},
    "lines": {**LIST, "description": "that line and those around it, secrets hidden"},
}

#: A finding of two audits beside each other.
COMPARED: Mapping[str, Schema] = {
    "id": {"type": "string", "description": "what the finding is called in both"},
    "state": {"enum": [str(state) for state in State], "description": "what became of it"},
    "rule": {"type": "string", "description": "id of the rule"},
    "severity": {"enum": SEVERITIES, "description": "how bad it is, or was"},
    "message": {"type": "string", "description": "what was found"},
    "reason": {**TYPES["str"], "description": "why it was opened or closed; null: that is all"},
    "sources": {**LIST, "description": "file:line of what the configuration says"},
    "remedy": {"type": "string", "description": "what to do"},
}

_SEEN: Schema = {"type": "integer", "minimum": 0}
#: What another program says of the same captures.
_OPINION: Mapping[str, Schema] = {
    "program": {"type": "string", "description": "name and version of the other program"},
    "agreements": {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["what", "ours", "theirs", "both"],
            "properties": {
                "what": {"type": "string", "description": "what is compared, such as SYNs"},
                "ours": {**_SEEN, "description": "how many this program sees"},
                "theirs": {**_SEEN, "description": "how many the other one sees"},
                "both": {**_SEEN, "description": "how many of them are the same"},
            },
        },
        "description": "how much both see",
    },
    "differences": {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["what", "ours", "capture", "frame", "time", "ends", "reason"],
            "properties": {
                "what": {"type": "string", "description": "of what, as in agreements"},
                "ours": {"type": "boolean", "description": "only this program sees it"},
                "capture": {"type": "string", "description": "name of the capture"},
                "frame": {**TYPES["Int64"], "description": "number of its frame"},
                "time": {**TYPES["time"], "description": "when it was captured"},
                "ends": {"type": "string", "description": "who sent it to whom"},
                "reason": {"type": "string", "description": "why they differ; empty: not known"},
            },
        },
        "description": "what only one of both sees, the first thousand",
    },
    "more": {**_SEEN, "description": "how many differences there are beside these"},
    "incomplete": {**TYPES["str"], "description": "why not all was compared; null: all was"},
}

OPINION: Schema = {
    "type": ["object", "null"],
    "required": list(_OPINION),
    "properties": dict(_OPINION),
    "additionalProperties": True,
    "description": "what another program says of the captures; null: it was not asked",
}

#: The objects that a flow's columns are grouped into.
GROUPS: Mapping[str, str] = {
    "initiator": "the side that sent the SYN",
    "acceptor": "the side that answered, or should have",
    "identity": "the Bareos resource that the hello names; null: none was seen",
    "heartbeat": "the initiator's keepalive probes, held against its HeartbeatInterval",
    "socket": "what the recording host knows of the socket; null: nothing",
}

#: The counts of the summary's coverage.
COVERAGE: Mapping[str, str] = {
    "flows": "TCP connections on a Bareos port",
    "unnumbered": "flows that no number fits",
    "proven": "flows whose number is certain, and that no finding fails",
    "likely": "the same whose number is likely",
    "heartbeats_proven": "flows that were seen to keep their heartbeat, by probes or socket",
    "heartbeats_unobserved": "flows of which nobody could see whether they keep theirs",
    "expectations": "connections that the configuration allows, requires or forbids",
    "exercised": "expectations that a flow was matched with",
    "unknowns": "findings that could not be decided",
    "waived": "fails that a waiver covers",
    "known": "fails that do not count, since the baseline had them",
    "passed": "rows that passed, over all rules: each could have failed",
    "unobserved": "rows that could not be observed, over all rules",
}
