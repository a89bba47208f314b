"""``docs/rules.md``: one section a rule, each with the same frame, made from the rules themselves.

``python -m auditor.report.pages.rules_page > docs/rules.md`` after any change to a rule.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from auditor.judge.rules.manual import manual_url
from auditor.judge.rules.rule import Rule, load_configuration_rules, load_rules
from auditor.judge.verdicts import Confidence

_HEAD = """\
# The rules

Made by `python -m auditor.report.pages.rules_page > docs/rules.md` from `rules/*.yaml` and
`rules/configuration/*.yaml`; do not edit. `bareos-audit rules ID` shows the same. A rule looks at
every row of one table ([columns.md](columns.md)); where it applies, the row fails, passes, is in
doubt (it would fail, but for another explanation) or could not be observed. What is only a guess
neither fails nor passes, whatever a rule says. Severity is how bad a failure would be, confidence
the most that a finding of it can be sure of.

[writing-rules.md](writing-rules.md) says how to write one.

## The shipped rules
"""


_CONFIGURATION = """
# What is wrong in a configuration

Made from `rules/configuration/*.yaml`. Reading a configuration finds problems of these kinds, with
or without a capture. Each kind has its rule, which `bareos-audit rules ID` explains and a waiver
may name. `check` reports them all, an audit of captures those of severity high and medium.
"""


def rules_page(rules: Sequence[Rule], configuration: Sequence[Rule]) -> str:
    """Return the whole page as Markdown: the rules of audits, then those of configurations."""
    return _HEAD + _sections(rules) + _CONFIGURATION + _sections(configuration)


def _sections(rules: Sequence[Rule]) -> str:
    head = "\n| severity | rule | what it finds |\n|---|---|---|\n"
    rows = [f"| {rule.severity} | [{rule.id}](#{rule.id}) | {rule.title} |\n" for rule in rules]
    return head + "".join(rows) + "".join("\n" + "\n".join(_section(rule)) for rule in rules)


def _section(rule: Rule) -> Iterator[str]:
    yield f"## {rule.id}\n"
    yield f"*{rule.title}.* Severity {rule.severity}{_at_most(rule)}.\n"
    yield f"**Why it matters.** {_line(rule.why)}\n"
    applies, fails = _line(rule.text["applies"]), _line(rule.text["fail"])
    if applies == fails:
        yield f"**Fails** every row of `{rule.about}` where `{fails}`.\n"
    else:
        yield f"**Looks at** every row of `{rule.about}` where `{applies}`.\n"
        yield f"**Fails** where `{fails}`.\n"
    if rule.text["doubt"]:
        yield f"**In doubt**, where it fails, if `{_line(rule.text['doubt'])}`.\n"
    if rule.text["blind"]:
        yield f"**Cannot see** where `{_line(rule.text['blind'])}`.\n"
    if rule.text["likely"]:
        yield f"**At most likely** where `{_line(rule.text['likely'])}`.\n"
    if rule.once:
        yield f"**One finding** for all rows that are equal in {_names(rule.once)}.\n"
    if rule.explains:
        yield f"**Explains**, and is told with: {_names(rule.explains)}.\n"
    if rule.evidence:
        yield f"**Evidence**: {_names(rule.evidence)}.\n"
    yield f"**What to do.** {_line(rule.remedy)}\n"
    if rule.manual:
        page = manual_url(rule.manual)
        yield f"Manual: [{rule.manual}]({page}).\n" if page else f"Manual: {rule.manual}.\n"
    else:  # Bareos knows no site file
        yield "Manual: none of Bareos; [site-file.md](site-file.md).\n"


def _at_most(rule: Rule) -> str:
    """Return how sure a finding of a rule can be at most; empty: certain."""
    sure = rule.confidence is Confidence.CERTAIN
    return "" if sure else f"; a finding is at most {rule.confidence}"


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    sys.stdout.write(rules_page(load_rules(), load_configuration_rules()))
