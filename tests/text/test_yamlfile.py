"""YAML that is written by hand: parsed, or refused with file and line."""

from __future__ import annotations

import inspect
import os
import sys

import pytest
import yaml

from auditor.errors import RuleError
from auditor.text import yamlfile
from auditor.text.yamlfile import load_yaml


@pytest.fixture(params=["libyaml", "pure Python"])
def _loader(request, monkeypatch):
    """Have libyaml's loader, or do without, as where it was not compiled in."""
    if request.param == "pure Python":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)


@pytest.mark.usefixtures("_loader")
class TestWithEitherLoader:
    def test_a_file_is_what_it_says(self, tmp_path):
        path = tmp_path / "site.yaml"
        path.write_text("hosts:\n  - name: zürich\n    port: 9103\n", encoding="utf-8")
        assert load_yaml(path) == {"hosts": [{"name": "zürich", "port": 9103}]}

    @pytest.mark.parametrize(
        ("text", "line", "reason"),
        [
            ("id: [1, 2\nname: x\n", 2, "expected ',' or ']'"),
            ("a: 1\n\nb: !!python/object:os.system x\n", 3, "could not determine a constructor"),
            ("a: &x 1\nb: *y\n", 2, "undefined alias"),
            ("a: 1\n\tb: 2\n", 2, "found "),
            ("a: 1\nb: [{c: 1, d: 2}]\na: 3\n", 3, "a is given twice"),
            ("a: 1\nb:\n  - c: 1\n    c: 1\n", 4, "c is given twice"),
        ],
    )
    def test_a_mistake_is_named_with_its_line(self, tmp_path, text, line, reason):
        path = tmp_path / "rules.yaml"
        path.write_text(text)
        with pytest.raises(RuleError) as caught:
            load_yaml(path)
        assert (caught.value.file, caught.value.line) == (str(path), line)
        assert reason in caught.value.message

    def test_a_character_that_yaml_forbids_is_no_traceback(self, tmp_path):
        path = tmp_path / "rules.yaml"
        path.write_bytes(b"b: 1\na: \x01\n")
        with pytest.raises(RuleError, match=r"rules\.yaml:2: control characters are not allowed$"):
            load_yaml(path)

    def test_what_is_no_utf8_is_refused_as_a_whole(self, tmp_path):
        path = tmp_path / "rules.yaml"
        path.write_bytes("ä: 1\n\n".encode() + b"a: \xff\xfe\n")
        with pytest.raises(RuleError, match=r"rules\.yaml:3: cannot be read as YAML in UTF-8$"):
            load_yaml(path)

    @pytest.mark.parametrize("day", ["2024-02-31", "2024-13-01", "2024-01-01 25:00:00"])
    def test_a_day_that_does_not_exist_is_said_to_be_none(self, tmp_path, day):
        path = tmp_path / "rules.yaml"
        path.write_text(f"when: {day}\n")
        with pytest.raises(RuleError, match=r"a date that no calendar has"):
            load_yaml(path)

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("a: &x [*x]\n", "aliases, nest too deeply"),
            ("a: &x {b: *x}\n", "aliases, nest too deeply"),
            ("[" * 40 + "]" * 40, "nest too deeply"),
            ("a: &x {b: 1}\nc: {<<: *x}\n", "merge keys"),
            ("!!map {a: 1}: {? !!merge x : {}}", "merge keys"),
            ("a: !!int 'x'\nb: !!binary eA==\n", "tag:yaml.org,2002:binary"),
            ("a: !!set {b}\n", "tag:yaml.org,2002:set"),
            ("a: !!int {=: '1:1'}\n", "tag:yaml.org,2002:int"),
            ("a: !!str {=: '1:1'}\n", "tag:yaml.org,2002:str"),
            ("a: !!omap [b: 1]\n", "tag:yaml.org,2002:omap"),
            ("=: 1\n", "tag:yaml.org,2002:value"),
            ("? [a]\n: 1\n", "unhashable key"),
        ],
    )
    def test_what_yaml_can_grow_by_is_refused(self, tmp_path, text, reason):
        path = tmp_path / "rules.yaml"
        path.write_text(text)
        with pytest.raises(RuleError, match=reason):
            load_yaml(path)

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("12", 12),
            ("-7", -7),
            ("1.50", 1.5),
            ("12:30", "12:30"),
            ("1:30.5", "1:30.5"),
            ("!!int '1:30'", "1:30"),
            ("!!float '1:30'", "1:30"),
            ("0x1F", "0x1F"),
            ("0b1", "0b1"),
            ("1_000", "1_000"),
            ("1e9", "1e9"),
            (".inf", ".inf"),
            ("9" * 18, 10**18 - 1),
            ("9" * 19, "9" * 19),
            ("yes", True),
            ("!!bool 'Off'", False),
            ("!!bool ''", ""),
            ("!!bool maybe", "maybe"),
            ("!!timestamp tomorrow", "tomorrow"),
            ("!!timestamp 1:30", "1:30"),
            ("!!null text", None),
            ("~", None),
            ("&x a", "a"),
        ],
    )
    def test_a_value_is_what_people_call_one(self, tmp_path, text, value):
        path = tmp_path / "rules.yaml"
        path.write_text(f"a: {text}\n")
        assert load_yaml(path) == {"a": value}

    def test_an_alias_stands_for_what_it_names(self, tmp_path):
        path = tmp_path / "rules.yaml"
        path.write_text("a: &x [1, 2]\nb: *x\n")
        assert load_yaml(path) == {"a": [1, 2], "b": [1, 2]}

    @pytest.mark.parametrize("sign", ["", "!!int ", "!!float "])
    def test_base_60_takes_no_time(self, tmp_path, sign):
        """A third of this took nine seconds, and twice the size takes four times as long."""
        path = tmp_path / "site.yaml"
        path.write_text(f"keepalive: {{idle: {sign}'{':'.join(['59'] * 43_000)}'}}\n")
        assert load_yaml(path)["keepalive"]["idle"].startswith("59:59:")

    def test_an_alias_of_aliases_is_counted_as_all_that_it_stands_for(self, tmp_path):
        """Nine levels of ten are a thousand million words in four hundred bytes."""
        path = tmp_path / "site.yaml"
        levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)]
        path.write_text("a0: &a0 x\n" + "".join(levels))
        with pytest.raises(RuleError, match="too many"):
            load_yaml(path)


def test_what_is_nested_too_deeply_for_python_is_refused(tmp_path, monkeypatch):
    """libyaml has a bound of its own."""
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    path, limit = tmp_path / "rules.yaml", sys.getrecursionlimit()
    path.write_bytes(b"[" * 100 + b"]" * 100)
    sys.setrecursionlimit(len(inspect.stack(0)) + 150)
    try:
        with pytest.raises(RuleError, match=r"cannot be read as YAML in UTF-8$"):
            load_yaml(path)
    finally:
        sys.setrecursionlimit(limit)


def test_what_cannot_be_read_says_why(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(RuleError, match=r"none\.yaml: cannot be read: No such file or directory$"):
        load_yaml(tmp_path / "none.yaml")
    with pytest.raises(RuleError, match=r"cannot be read: it is not a regular file$"):
        load_yaml(tmp_path / "pipe")


def test_what_is_too_large_is_not_parsed(tmp_path):
    path = tmp_path / "large.yaml"
    path.write_bytes(b"#" * (yamlfile._MAX_YAML_BYTES + 1))
    with pytest.raises(RuleError, match=r"cannot be read: it is larger than 1 MiB$"):
        load_yaml(path)


def test_without_libyaml_a_file_may_be_smaller(tmp_path, monkeypatch):
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    path = tmp_path / "large.yaml"
    path.write_bytes(b"#" * (yamlfile._MAX_WITHOUT_LIBYAML + 1))
    with pytest.raises(RuleError, match=r"cannot be read: it is larger than 128 KiB$"):
        load_yaml(path)


def test_a_key_is_found_at_its_line(tmp_path):
    path = tmp_path / "rule.yaml"
    path.write_bytes(b"# id: x\n  id: y\nid: z\nnot: \xff\n")
    assert [yamlfile.line_of(path, key) for key in ("id", "not", "gone")] == [3, 4, 0]
    path.unlink()
    assert yamlfile.line_of(path, "id") == 0


def test_each_value_is_found_at_the_line_of_its_key(tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text("# one\n\na:\n  - b\n  - {c: 1,\n     d: 2}\ne:\n  5: x\n")
    lines = {}
    content = yamlfile.load_yaml_with_lines(path, lines)
    assert content == load_yaml(path) == {"a": ["b", {"c": 1, "d": 2}], "e": {5: "x"}}
    assert lines == {
        (): 3,
        ("a",): 3,
        ("a", 0): 4,
        ("a", 1): 5,
        ("a", 1, "c"): 5,
        ("a", 1, "d"): 6,
        ("e",): 7,
        ("e", 5): 8,
    }


@pytest.mark.parametrize(
    "text", ["a: 1\nb: [2024-01-01,\n  2024-02-31]\n", "a:\n\n- {2024-02-31: 1}"]
)
def test_a_date_that_is_none_has_its_line(tmp_path, text):
    path = tmp_path / "site.yaml"
    path.write_text(text)
    with pytest.raises(RuleError) as refused:
        load_yaml(path)
    assert refused.value.line == 3
