"""Tells Bacula's configuration from Bareos'.

Both have the same programs, ports and resources, and nearly the same language. But Bacula has
directives of its own, and never begins with TLS: it speaks cleartext, or TLS after its Hello.
"""

from __future__ import annotations

import re

from auditor.config.problem_kinds import ProblemKind

#: What Bareos makes of a text says nothing of a text for Bacula.
FOREIGN = frozenset(
    {
        ProblemKind.BOOLEAN_DEPRECATED,
        ProblemKind.DIRECTIVE_DEPRECATED,
        ProblemKind.DIRECTIVE_MISSING,
        ProblemKind.DIRECTIVE_UNKNOWN,
        ProblemKind.RESOURCE_TYPE_DEPRECATED,
    }
)

_NAMED = re.compile(r"(?:^|[/\\])(?:bacula[-.][^/\\]*|bat\.conf|bacula[/\\][^/\\]*)$", re.I)
_PATH = re.compile(r'^[^#\n]*=[ \t]*"?[^#"\n]*[/\\]bacula\b', re.I | re.MULTILINE)
_OLD = re.compile(r"^[ \t]*(?:pid|sub[ \t]*sys)[ \t]*directory[ \t]*=", re.I | re.MULTILINE)
_BAREOS = re.compile(r"bareos", re.I)


def is_bacula(path: str, text: str) -> bool:
    """Tell whether a file is Bacula's: by its name or folder; or, where neither it nor its folder
    is named after Bareos, by a path of Bacula in it, or by a directive that Bareos gave up."""
    if _NAMED.search(path):
        return True
    called = "/".join(re.split(r"[/\\]", path)[-2:])
    if _BAREOS.search(called) or _BAREOS.search(text):
        return False
    return bool(_PATH.search(text) or _OLD.search(text))
