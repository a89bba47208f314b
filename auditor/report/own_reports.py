"""Tells by its beginning whether a file is a report of ours, which the next one may replace.

Each format begins in a way of its own; what people wrote, or another program, does not begin so.
"""

from __future__ import annotations

import re

from auditor.judge.tables.columns import ALL_TABLES
from auditor.outputs.guard import PARQUET
from auditor.report.parquet import WRITER

#: Characters of a beginning that are looked at.
_ENOUGH = 8192
#: How each format begins, but for CSV; of text what each command writes first.
_BEGINNINGS = (
    re.compile(r'\{\s*"schema": "bareos-[a-z-]+/'),  # JSON
    re.compile(r'\{"table": "summary", "schema": "bareos-[a-z-]+-lines/'),  # JSON Lines
    re.compile(r"<!DOCTYPE html>(?s:.*)<meta name=\"generator\" content=\"bareos-audit "),  # HTML
    re.compile(r"<!-- Made by bareos-audit [^\n]*-->\n"),  # Markdown
    re.compile(r'\{\s*"cells": \[\s*\{\s*"cell_type": "markdown",\s*"id": "bareos-audit-review"'),
    # SARIF, JUnit
    re.compile(
        r'\{\s*"\$schema": "[^"]*sarif[^"]*",\s*"version": "2\.1\.0",\s*"runs":\s*\[\{\s*"tool":\s*'
        r'\{"driver":\s*\{"name": "bareos-audit"'
    ),
    re.compile(
        r'<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="bareos-audit"'
    ),  # JUnit
    re.compile(r"(?:#![^\n]*\n)?# Least-privilege rules for "),  # expect, for a firewall
    re.compile(r"\d[\d,]* opened, \d[\d,]* closed, \d[\d,]* unchanged\n"),  # compare
    re.compile(r"fail \((?:high|medium|low)\): [\d,]+ finding"),  # analyze, capture, check
    re.compile(r"pass: (?:who dials whom|ports and hellos|nothing is wrong)"),
    re.compile(r"unknown: [\d,]+ findings? that would be|could not look: [a-z]"),
    re.compile(r"configuration in |The configuration calls for no connection"),  # expect
    re.compile(r"\d+[ab]? +[a-z].*  [\d,]+ connections?\n"),
    re.compile(r"no\. +process +local +remote"),  # sockets
    re.compile(r"There is no socket on any of the site's ports\.\n"),
    re.compile(r"(?:high|medium|low|info) +[a-z0-9]+(?:-[a-z0-9]+)+ +[A-Z]"),  # rules
    re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+\n[A-Z].*\n\n"),  # rules ID
    re.compile(r"[a-z0-9-]+ +\d+ (?:s|min|h) +(?:dropped|answered)"),  # rules --idle-limits
    re.compile(r"(?:ok|limited|missing) +kernel +Linux "),  # doctor
)


def is_report(head: bytes) -> bool:
    """Tell whether a file that begins with ``head`` is a report that this program wrote."""
    if head.startswith(PARQUET):
        return WRITER in head
    beginning = head[:_ENOUGH].decode("utf-8", "replace")
    return any(one.match(beginning) for one in _BEGINNINGS) or _is_table(beginning)


def _is_table(beginning: str) -> bool:
    """Tell whether a text begins with the names of most columns of one of our tables, in whatever
    version."""
    line, ended, _ = beginning.partition("\n")
    if not ended or len(line) == len(beginning):
        return False
    names = set(line.split(","))
    return any(len(names & known) * 3 > len(known) * 2 for known in _COLUMNS)


_COLUMNS = (
    *(frozenset(columns) for columns in ALL_TABLES.values()),
    frozenset(("name", "limit_s", "then", "source", "read")),
    frozenset(("id", "title", "about", "severity", "confidence", "applies", "fail", "unknown")),
)
