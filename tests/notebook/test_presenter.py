"""What notebooks show of an audit, and what its methods write."""

from __future__ import annotations

from pathlib import Path

import pytest
from audits import CAPTURE, FINDING, FLOW, made, recorded
from pages import parsed

import auditor
from auditor.notebook.presenter import AuditPresenter
from auditor.presentation import Presentable
from auditor.report import Format, reporter
from auditor.report.formats import SUFFIXES

EVIL = '<script>alert(1)</script> $\\href{javascript:x}{y}$ " \u202e'
CONFIG = Path(__file__).parents[2] / "captures" / "trouble" / "config"


def test_a_cell_has_the_verdict_what_it_rests_on_and_the_worst_findings() -> None:
    page = parsed(recorded("trouble")._repr_html_())
    (verdict,) = page.find("strong")
    assert verdict.text == "fail (high): 3 findings (1 high, 2 medium)"
    assert "who dials whom: 9 proven" in [one.text for one in page.find("p")][1]
    assert [one.text for one in page.find("code")] == ["--idle-limit"]
    severities = [row.find("td")[0].text for row in page.find("tr")[1:]]
    assert severities == ["high", "medium", "medium"]
    assert all(row.find("td")[3].text for row in page.find("tr")[1:])


def test_a_pass_needs_no_table() -> None:
    page = parsed(recorded("modes")._repr_html_())
    assert page.find("strong")[0].text.startswith("pass: ")
    assert page.find("table") == []


def test_a_configuration_alone_has_its_own_words() -> None:
    check = auditor.check(CONFIG, resolve=False)
    assert parsed(check._repr_html_()).find("strong")[0].text.startswith(str(check.verdict))
    assert "pass" not in check._repr_html_() or check.verdict == "pass"


def test_what_is_waived_or_known_does_not_count_and_many_are_told_by_their_number() -> None:
    rows = [{**FINDING, "message": f"m{n}"} for n in range(25)]
    rows += [{**FINDING, "message": "w", "waived": "since"}]
    rows += [{**FINDING, "message": "k", "known_since": 1_800_000_000_000_000_000}]
    page = parsed(made(flows=[FLOW], findings=rows)._repr_html_())
    assert [one.text for one in page.find("caption")] == ["5 more: audit.fails"]
    assert {row.find("td")[2].text for row in page.find("tr")[1:]} == {f"m{n}" for n in range(20)}


def test_foreign_text_is_inert() -> None:
    capture = {**CAPTURE, "name": EVIL}
    audit = made(
        flows=[{**FLOW, "acceptor_daemon": EVIL}],
        captures=[capture],
        findings=[{**FINDING, "message": EVIL, "remedy": EVIL}],
    )
    told = audit._repr_html_()
    page = parsed(told)
    assert page.find("script") == []
    assert EVIL.replace("\u202e", "?") in [cell.text for cell in page.find("td")]
    assert "mathjax_ignore" in told and "\u202e" not in told


def test_text_is_that_of_the_reports() -> None:
    audit = recorded("trouble")
    assert audit.to_html() == reporter(Format.HTML).audit(audit)
    assert audit.to_json() == reporter(Format.JSON).audit(audit)
    check = auditor.check(CONFIG, resolve=False)
    assert check.to_json() == reporter(Format.JSON).check(check)


@pytest.mark.parametrize("suffix", [one for one, of in SUFFIXES.items() if of in [*Format]])
def test_a_suffix_says_the_format(suffix: str, tmp_path: Path) -> None:
    audit, path = recorded("modes"), tmp_path / f"A.B{suffix.upper()}"
    path.write_text("an older report")
    assert audit.save(path) == (path,)
    assert path.read_text() == reporter(SUFFIXES[suffix]).audit(audit)


def test_what_was_saved_as_json_reads_back_equal(tmp_path: Path) -> None:
    audit = recorded("heartbeat")
    audit.save(str(tmp_path / "a.json"))
    assert auditor.load(tmp_path / "a.json") == audit


@pytest.mark.parametrize("name", ["a", "a.doc", "html", "a.html.gz"])
def test_another_suffix_is_refused_with_those_that_there_are(name: str, tmp_path: Path) -> None:
    with pytest.raises(auditor.OutputError, match=r"the suffix says no format.*\.parquet"):
        recorded("modes").save(tmp_path / name)
    assert not [*tmp_path.iterdir()]


def test_a_place_that_is_no_folder_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(auditor.OutputError, match="cannot be written"):
        recorded("modes").save(tmp_path / "none" / "a.json")


def test_only_audits_are_shown() -> None:
    with pytest.raises(TypeError, match="no audit: Presentable"):
        AuditPresenter().json(Presentable())
