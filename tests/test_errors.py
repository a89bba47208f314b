"""The one exception tree, and the sentences that its errors are."""

from __future__ import annotations

import pytest

from auditor import errors
from auditor.errors import (
    BareosAuditError,
    CaptureError,
    ConfigurationError,
    EngineError,
    FindingError,
    IdleLimitError,
    LocatedError,
    OutputError,
    ReportError,
    RuleError,
    SecondOpinionError,
    SiteFileError,
    UnknownRuleError,
)

_LOCATED = (ConfigurationError, SiteFileError, RuleError)
_UNLOCATED = (
    CaptureError,
    EngineError,
    FindingError,
    IdleLimitError,
    OutputError,
    ReportError,
    SecondOpinionError,
    UnknownRuleError,
)


def test_whatever_is_raised_on_purpose_is_of_one_tree():
    """The command line catches its root alone."""
    classes = {one for one in vars(errors).values() if isinstance(one, type)}
    assert classes == {BareosAuditError, LocatedError, *_LOCATED, *_UNLOCATED}
    assert all(issubclass(one, BareosAuditError) for one in classes)
    assert not issubclass(BareosAuditError, OSError | ValueError), "nobody else catches it"


@pytest.mark.parametrize("kind", _LOCATED)
@pytest.mark.parametrize(("line", "where"), [(7, "dir.conf:7"), (1, "dir.conf:1"), (0, "dir.conf")])
def test_an_error_in_a_file_begins_with_its_place(kind, line, where):
    error = kind("unknown directive", "dir.conf", line)
    assert str(error) == f"{where}: unknown directive"
    assert (error.message, error.file, error.line) == ("unknown directive", "dir.conf", line)


@pytest.mark.parametrize("kind", _LOCATED)
def test_an_error_about_a_whole_file_needs_no_line(kind):
    assert str(kind("is empty", "site.yaml")) == "site.yaml: is empty"


@pytest.mark.parametrize("kind", _UNLOCATED)
def test_an_error_without_a_place_is_its_sentence(kind):
    assert str(kind("It is broken.")) == "It is broken."
    assert not issubclass(kind, LocatedError)


@pytest.mark.parametrize("kind", _LOCATED)
@pytest.mark.parametrize("active", ["\x1b[2J", "\t", "\x00", "\u202e", "\udc80", "\u2028", "\r"])
def test_what_a_file_said_is_inert_in_the_sentence_about_it(kind, active):
    shown = str(kind(f"{active!s}name is unknown", f"dir{active}.conf", 7))
    assert shown.isprintable(), shown
    assert "name is unknown" in shown
    assert shown.startswith("dir")


def test_what_installs_a_package_does_so_beside_this_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.executable", "/opt/my audit/bin/python3")
    assert errors.install_command("bareos-audit[parquet]") == (
        "«'/opt/my audit/bin/python3' -m pip install 'bareos-audit[parquet]'»"
    )
