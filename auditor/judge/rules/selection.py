"""Which rules are applied, where somebody chose: what the others would find is not told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from difflib import get_close_matches

from auditor.errors import UnknownRuleError
from auditor.text import printable


def left_out(ids: Collection[str], only: Sequence[str], skip: Sequence[str]) -> tuple[str, ...]:
    """Return, of the ids of all rules, those that are left out: all but ``only``, if any of these
    is named, and those to ``skip``.

    Raises UnknownRuleError for what is no id, and where no rule is left.
    """
    for name in (*only, *skip):
        if name not in ids:
            raise UnknownRuleError(no_rule(name, ids))
    applied = set(only or ids).difference(skip)
    if not applied:
        raise UnknownRuleError("no rule is left to apply: name another one, or skip fewer.")
    return tuple(sorted(set(ids) - applied))


def no_rule(name: str, ids: Collection[str]) -> str:
    """Return the sentence that there is no such rule, and which may be meant."""
    near = get_close_matches(name, ids, n=3, cutoff=0.6)
    hint = f"did you mean {' or '.join(near)}?" if near else "bareos-audit rules lists all."
    return f"there is no rule {printable(name)!r}: {hint}"
