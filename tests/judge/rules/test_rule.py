"""Rules are data: a wrong file is refused in one sentence that names the line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from scene import DIR, DIRECTOR, SD1, Wire, audit, only

from auditor.errors import RuleError
from auditor.judge.rules import rule as rule_module
from auditor.judge.rules import rule_file
from auditor.judge.rules.rule import (
    configuration_rule_ids,
    load_configuration_rules,
    load_rules,
    read_rule,
)
from auditor.judge.verdicts import Severity
from auditor.site.connections import connections, default_ports, rules_directory
from auditor.text.yamlfile import load_yaml

RULE = """\
id: late-director
title: The Director dialled late
about: flows
severity: low
applies: connection == "5a"
fail: duration_s >= 0
message: "{initiator_daemon} dialled {acceptor_daemon} at {started}"
sources: [permission_source]
evidence: [duration_s]
why: Because.
remedy: Be early.
"""


def written(folder: Path, text: str, name: str = "late-director") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text)
    return path


def test_a_rule_is_read_with_all_its_parts(tmp_path: Path) -> None:
    rule = read_rule(written(tmp_path, RULE))
    assert (rule.id, rule.about, rule.severity) == ("late-director", "flows", "low")
    text = {"applies": 'connection == "5a"', "fail": "duration_s >= 0"}
    assert rule.text == text | dict.fromkeys(("doubt", "blind", "likely"), "")
    assert (rule.sources, rule.evidence) == (("permission_source",), ("duration_s",))
    assert (rule.doubt, rule.blind, rule.confidence) == (None, None, "certain")
    assert (rule.likely, rule.any_number) == (None, False)


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ("why: Because.\n", "", 0, "the key 'why' is missing or empty"),
        ("title: The Director dialled late", "title:", 2, "the key 'title' is missing or empty"),
        ("why: ", "wy: x\nwhy: ", 10, "the key 'wy' is not one of a rule's"),
        ("id: late-director", "id: other", 1, "id is 'other', and must be one of: late-director"),
        ("about: flows", "about: findings", 3, "about is 'findings', and must be one of:"),
        ("about: flows", "about: packets", 3, "about is 'packets', and must be one of:"),
        ("severity: low", "severity: bad", 4, "must be one of: high, info, low, medium"),
        ("severity: low", "severity: [low]", 4, "severity must be text"),
        ("severity: low", "severity: low\nconfidence: sure", 5, "confidence is 'sure'"),
        ('connection == "5a"', "connexion == 1", 5, "applies: no column is called 'connexion'"),
        ('connection == "5a"', "open('x')", 5, "applies: Call is not allowed"),
        (
            "duration_s >= 0",
            'outcome == "refusd"',
            6,
            "'outcome' is never 'refusd', it is one of: "
            "established, unanswered, refused, midstream",
        ),
        (
            'connection == "5a"',
            'connection in ["5a", "5"]',
            5,
            "applies: 'connection' is never '5'",
        ),
        (
            "severity: low",
            "severity: low\nunknown: numbered",
            5,
            "write 'doubt' for rows that fail",
        ),
        ("severity: low", "doubt: numbered\nseverity: low", 4, "doubt needs abstain beside it"),
        ("severity: low", "severity: low\nabstain: Why", 5, "abstain needs doubt beside it"),
        ("severity: low", "severity: low\ndoubt: {why: yes}", 5, "doubt: "),
        ("severity: low", "severity: low\ndoubt: {why: nothing}", 5, "no column is called"),
        (
            "severity: low",
            "severity: low\ndoubt: {'{nothing}': numbered}",
            5,
            "no column is called",
        ),
        ("severity: low", "severity: low\nonce: [connection]", 5, "once needs each beside it"),
        ("severity: low", "severity: low\nexplains: login-refused", 5, "must be a list of rules"),
        ("severity: low", "severity: low\nany_number: perhaps", 5, "any_number must be yes or no"),
        ("severity: low", "severity: low\nblind: yes", 5, "blind must be text"),
        ("severity: low", "severity: low\nlikely: syn", 5, "likely: no column is called 'syn'"),
        ("severity: low", "severity: low\nany_number: 6", 5, "any_number must be yes or no"),
        ("duration_s >= 0", 'duration_s >= "x"', 6, "fail: 'duration_s' is a number, but"),
        ("fail: duration_s >= 0", "fail: yes", 6, "fail must be text"),
        ("{started}", "{begun}", 7, "message: no column is called 'begun'"),
        ("{started}", "{}", 7, "message: no column is called ''"),
        ("{started}", "{started.__class__}", 7, "message: no column is called"),
        ("{started}", "{started[0]}", 7, "message: no column is called"),
        ("{started}", "{started!r}", 7, "message: no column is called"),
        ("{started}", "{started:>1000000000}", 7, "message: no column is called"),
        ("{started}", "{started", 7, "message: expected '}'"),
        ("[permission_source]", "[nothing]", 8, "sources: no column is called 'nothing'"),
        ("[permission_source]", "permission_source", 8, "sources must be a list of columns"),
        ("[duration_s]", "[1]", 9, "evidence must be a list of columns"),
        ("remedy: Be early.", "remedy: [Be, early]", 11, "remedy must be text"),
        ("remedy: Be early.", "remedy: Be: early", 11, "mapping values are not allowed"),
        ("id: late-director", "id: 'late", 12, ""),
        ("id: late-director", "id: !!python/object:os.system x", 1, "could not determine"),
        ("id: late-director", "? [a, b]\n: c\nid: late-director", 1, "unhashable"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_line(
    old: str, new: str, line: int, sentence: str, tmp_path: Path
) -> None:
    assert old in RULE
    path = written(tmp_path, RULE.replace(old, new))
    with pytest.raises(RuleError) as refused:
        read_rule(path)
    assert refused.value.file == str(path)
    assert refused.value.line == line
    assert sentence in refused.value.message
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("content", ["", "- a\n", "text\n", "1\n"])
def test_a_file_that_is_no_rule_is_refused(content: str, tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="must be a mapping of keys to values"):
        read_rule(written(tmp_path, content))


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "late-director.yaml"
    path.write_bytes(b"id: \xff\xfe\n")
    with pytest.raises(RuleError, match="cannot be read as YAML in UTF-8"):
        read_rule(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="cannot be read: No such file"):
        load_yaml(tmp_path / "nothing.yaml")


def test_a_file_that_no_hand_wrote_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "# " + "x" * (1 << 20))
    with pytest.raises(RuleError, match="larger than 1 MiB"):
        read_rule(path)


def test_a_file_that_would_grow_when_it_is_shown_is_refused_unshown(tmp_path: Path) -> None:
    """Nine aliases of nine aliases … are 10⁹ words, and few bytes."""
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    bomb = "\n".join(levels)
    for key in ("title", "message", "severity", "sources"):
        text = "".join(line for line in RULE.splitlines(True) if not line.startswith(f"{key}:"))
        with pytest.raises(RuleError) as refused:
            read_rule(written(tmp_path, f"{bomb}\n{key}: *a9\n{text}"))
        assert len(str(refused.value)) < 300


#: What may stand where a rule has a text, a list or a yes; nothing of it may end the program.
ODD = [
    *('""', '" "', '"\\n"', "5", "1.5", "yes", "[]", "[1]", "[[a]]", "{}", "{a: 1}", "{a: [1]}"),
    *(
        '{a: "b"}',
        "{1: x}",
        "2027-03-31",
        '"{"',
        '"{}"',
        '"{0}"',
        '"{id!r}"',
        '"{id:>9}"',
        "x" * 3000,
    ),
    *(
        "(" * 1500,
        "not " * 400 + "a",
        "'\\d'",
        "9" * 400,
        "1 if 2 else 3",
        "duration_s > 1e999",
        "~",
    ),
]


@pytest.mark.parametrize("key", [*rule_file._REQUIRED, *rule_file._OPTIONAL])
def test_whatever_stands_in_a_rule_it_is_read_or_refused_in_a_sentence(
    key: str, tmp_path: Path
) -> None:
    kept = "".join(line for line in RULE.splitlines(True) if not line.startswith(f"{key}:"))
    for value in ODD:
        shown = value if value[0] in '[{"~0123456789y' else json.dumps(value)
        path = written(tmp_path, f"{kept}{key}: {shown}\n")
        try:
            read_rule(path)
        except RuleError as error:
            assert len(str(error)) < 400 + len(str(tmp_path)), value
            assert error.line in {0, len(kept.splitlines()) + 1}, value


@pytest.mark.parametrize("key", ["about", "severity", "confidence", "id", "title", "why"])
def test_a_blank_is_no_value(key: str, tmp_path: Path) -> None:
    kept = "".join(line for line in RULE.splitlines(True) if not line.startswith(f"{key}:"))
    for blank in ("' '", '"\\t"', '"\\u00a0"', "''"):
        with pytest.raises(RuleError, match=f"{key}"):
            read_rule(written(tmp_path, f"{kept}{key}: {blank}\n"))


def test_a_nesting_that_would_use_up_the_stack_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleError):
        read_rule(written(tmp_path, "id: " + "[" * 100_000))


def test_rules_of_a_directory_are_added_to_the_shipped_ones(tmp_path: Path) -> None:
    written(tmp_path, RULE)
    tape = Wire().dial(DIR, SD1, 9103, DIRECTOR)
    (tmp_path / "work").mkdir()
    result = audit(tmp_path / "work", tape, rules=[tmp_path])
    finding = only(result, "late-director")
    assert finding["message"] == (
        "director dir dialled storage daemon sd1 at 2027-01-15T08:00:00+00:00"
    )
    assert finding["evidence"] == ["duration_s=0.006"]
    assert len(result.rules) == len(load_rules()) + 1


def test_a_rule_of_a_directory_replaces_a_shipped_one(tmp_path: Path) -> None:
    path = rules_directory() / "unknown-initiator.yaml"
    written(tmp_path, path.read_text().replace("severity: high", "severity: info"), path.stem)
    (rule,) = (rule for rule in load_rules([tmp_path]) if rule.id == "unknown-initiator")
    assert (rule.severity, rule.file) == ("info", str(tmp_path / path.name))


ABOUT_PROBLEMS = """\
id: {id}
title: A problem that we do not accept
about: problems
severity: {severity}
applies: level == "warning"
fail: kind == "blanks-dropped"
message: "{{daemon}}: {{message}}"
sources: [source]
why: Because.
remedy: Quote it.
"""


def test_the_rules_of_audits_and_of_configurations_are_two_lists() -> None:
    audits, configurations = load_rules(), load_configuration_rules()
    assert {rule.about for rule in audits} <= {
        "flows",
        "probes",
        "expectations",
        "captures",
        "settings",
    }
    assert {rule.about for rule in configurations} == {"problems"}
    assert {rule.id for rule in audits}.isdisjoint(rule.id for rule in configurations)
    assert configuration_rule_ids() == {rule.id for rule in configurations}
    for rules in (audits, configurations):
        order = [([*Severity].index(rule.severity), rule.id) for rule in rules]
        assert order == sorted(order)


@pytest.mark.parametrize("id_", ["mine", "blanks-dropped", "connection-refused"])
def test_a_rule_about_problems_of_a_directory_is_added_or_replaces(
    id_: str, tmp_path: Path
) -> None:
    written(tmp_path, ABOUT_PROBLEMS.format(id=id_, severity="info"), id_)
    (rule,) = (rule for rule in load_configuration_rules([tmp_path]) if rule.id == id_)
    assert (rule.severity, rule.file) == ("info", str(tmp_path / f"{id_}.yaml"))
    assert id_ not in {rule.id for rule in load_rules([tmp_path])}
    expected = {rule.id for rule in load_configuration_rules()} | {id_}
    assert configuration_rule_ids([tmp_path]) == expected


def test_a_rule_about_flows_may_replace_one_of_a_configuration(tmp_path: Path) -> None:
    written(tmp_path, RULE.replace("late-director", "blanks-dropped"), "blanks-dropped")
    assert "blanks-dropped" in {rule.id for rule in load_rules([tmp_path])}
    assert "blanks-dropped" not in {rule.id for rule in load_configuration_rules([tmp_path])}
    assert "blanks-dropped" not in configuration_rule_ids([tmp_path])


def test_a_directory_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="is not a directory of rules"):
        load_rules([tmp_path / "nothing"])


def test_a_directory_that_cannot_be_listed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="is not a directory of rules"):
        load_rules([written(tmp_path, RULE)])
    with pytest.raises(RuleError, match="cannot be read as a directory of rules: File name too"):
        load_rules([tmp_path / ("x" * 300)])


def test_more_rules_than_are_read_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule_module, "_MAX_RULES", 1)
    written(tmp_path, RULE)
    load_rules([tmp_path])
    written(tmp_path, RULE, "other")
    with pytest.raises(RuleError, match="holds more than 1 rules"):
        load_rules([tmp_path])


def test_what_every_finding_would_repeat_is_short(tmp_path: Path) -> None:
    """A megabyte of either took half a minute, for each finding has it."""
    many = RULE.replace("[duration_s]", "[duration_s, started, duration_s]")
    with pytest.raises(RuleError, match=":9: evidence names one of its columns twice"):
        read_rule(written(tmp_path, many))
    for old in ("{started}", "Because"):
        with pytest.raises(RuleError, match="is longer than 4000 characters"):
            read_rule(written(tmp_path, RULE.replace(old, old * 600)))


def test_a_wrong_rule_stops_the_audit(tmp_path: Path) -> None:
    written(tmp_path, RULE.replace("severity: low", "severity: bad"))
    (tmp_path / "work").mkdir()
    with pytest.raises(RuleError, match=r"late-director\.yaml:4: severity is 'bad'"):
        audit(tmp_path / "work", Wire().dial(DIR, SD1, 9103), rules=[tmp_path])


def test_rules_are_sorted_from_worst_to_best() -> None:
    found = [[*Severity].index(rule.severity) for rule in load_rules()]
    assert found == sorted(found)


@pytest.mark.parametrize("rule", load_rules(), ids=lambda rule: rule.id)
def test_a_shipped_rule_explains_itself(rule: object) -> None:
    for key in ("title", "why", "remedy", "manual"):
        assert len(getattr(rule, key)) > 10
    assert not rule.title.endswith(".")  # type: ignore[attr-defined]


def test_the_thirteen_connections_have_their_roles_and_default_ports() -> None:
    assert list(connections()) == [*"1234", "5a", "5b", *map(str, range(6, 13))]
    assert default_ports() == {
        "director": 9101,
        "file daemon": 9102,
        "storage daemon": 9103,
        "catalog": 5432,
    }
