"""The part of the JSON Schema that is about ``doctor``."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.report.json_document import DOCTOR_SCHEMA
from auditor.report.pages.schema_parts import document, object_of, rows_of
from auditor.report.pages.vocabulary import LIST, Schema

#: What was looked at on a machine.
_LOOKED: Mapping[str, Schema] = {
    "name": {"type": "string", "description": "what was looked at"},
    "state": {"enum": ["ok", "limited", "missing"], "description": "how well it works"},
    "detail": {"type": "string", "description": "what was found"},
    "hint": {"type": ["string", "null"], "description": "what to do about it"},
}
#: What a backend would see there.
_SEES: Mapping[str, Schema] = {
    "backend": {"type": "string", "description": "what --backend takes"},
    "packets": {"type": "boolean", "description": "it would see packets here"},
    "sockets": {"type": "boolean", "description": "it would see this host's sockets"},
    "lacks": {**LIST, "description": "what it lacks: names of checks, or of capabilities"},
}


def doctor_documents() -> dict[str, Schema]:
    """Return the definitions of the document and of its rows."""
    doctor = {
        "can_capture": {"type": "boolean", "description": "some backend would see packets"},
        "conclusion": {**LIST, "description": "what it comes to, a sentence each"},
        "backends": rows_of("sees", "what each backend would see, the best first"),
        "checks": rows_of("looked", "what was looked at"),
    }
    return {
        "doctor": document(DOCTOR_SCHEMA, doctor),
        "looked": object_of(dict(_LOOKED)),
        "sees": object_of(dict(_SEES)),
    }
