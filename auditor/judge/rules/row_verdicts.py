"""What a rule makes of each row of its table: the one place where conditions become verdicts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from auditor.judge.rules.rule import Rule
from auditor.judge.tables.arrays import Mask, cells, compared
from auditor.judge.tables.table import Table
from auditor.judge.verdicts import Confidence


class RowVerdicts(NamedTuple):
    """Masks of shape (rows,); every row that the rule applies to is in exactly one of them."""

    fails: Mask
    guessed: Mask
    """It would fail, but only a guess says what the row is."""
    doubted: Mask
    """It would fail, but the rule itself names another explanation."""
    unobserved: Mask
    """Whether it fails could not be seen."""
    passes: Mask
    """It could have failed, and is seen not to."""


def row_verdicts(rule: Rule, table: Table) -> RowVerdicts:
    """Return the verdict on each row (docs/adr/0011).

    A guess never becomes a failure, and proves nothing either: what is right for a connection that
    is only guessed may be wrong for the one that it is. Nor is a connection right whose login was
    refused, or whose hello contradicts itself or may do so. Where a missing value leaves ``fail``
    open nothing was observed.
    """
    applies, fail = rule.applies.mask(table), rule.fail.mask(table)
    nowhere = np.zeros_like(applies)
    blind = rule.blind.mask(table) if rule.blind is not None else nowhere
    doubt = rule.doubt.mask(table) if rule.doubt is not None else nowhere
    guess = _guesses(rule, table)
    failing = applies & fail
    # A rule that calls blind what it sees to fail contradicts itself: then the weaker word holds.
    doubted = failing & (doubt | blind)
    passes = applies & rule.fail.refuted(table) & ~blind & ~guess & ~_proves_nothing(table)
    return RowVerdicts(
        fails=failing & ~doubted & ~guess,
        guessed=failing & ~doubted & guess,
        doubted=doubted,
        unobserved=applies & ~fail & ~passes,
        passes=passes,
    )


#: Rows of which nothing is proven to be right: nobody accepted it, or who dialled, for what and how
#: can be read in two ways, or might if more of it had been kept.
_PROVES_NOTHING = ("login_refused", "hello_contradicts", "contradiction_unseen")


def _proves_nothing(table: Table) -> Mask:
    nothing: Mask = np.zeros(len(table), np.bool_)
    for name in _PROVES_NOTHING:
        if name in table.columns:
            nothing |= cells(table, name).values
    return nothing


def _guesses(rule: Rule, table: Table) -> Mask:
    if rule.confidence is Confidence.GUESS:
        return np.ones(len(table), np.bool_)
    if "confidence" not in table.columns or rule.any_number:
        return np.zeros(len(table), np.bool_)
    found: Mask = compared(table, "confidence").values == str(Confidence.GUESS)
    return found
