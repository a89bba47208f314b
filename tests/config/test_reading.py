"""What is judged over a whole program: references, duplicates, bounds, strictness (§5.4, §5.5)."""

from __future__ import annotations

from pathlib import Path

import pytest
from bareosconf import MINIMAL, plant

from auditor.config import file_reader, parser, scan
from auditor.config.reading import read_configuration
from auditor.config.resources import Configuration, Problem
from auditor.errors import ConfigurationError

CLIENT = "Client { Name = c1; Address = a; Password = p\n }\n"


def director(root: Path, text: str) -> Configuration:
    plant(root, {"bareos-dir.conf": MINIMAL["bareos-dir"] + text})
    return read_configuration([root])


def warnings(configuration: Configuration) -> list[Problem]:
    return [problem for problem in configuration.problems if problem.level == "warning"]


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Job { Name = j\n Client = c1\n }", "Client 'c1'"),
        ("Job { Name = j\n Storage = s1, s2\n }", "Storage 's1'"),
        ("JobDefs { Name = j\n JobDefs = x\n }", "JobDefs 'x'"),
        ("Pool { Name = p\n Next Pool = q\n }", "Pool 'q'"),
        ("Schedule { Name = s\n Run = Pool=q at 1:00\n }", "Pool 'q'"),
        ("Schedule { Name = s\n Run = Storage=q at 1:00\n }", "Storage 'q'"),
        ("Job { Name = j\n Client = DIR\n }", "Client 'DIR'"),
    ],
)
def test_a_reference_to_nothing_is_an_error_at_its_line(
    tmp_path: Path, text: str, missing: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"names the {missing}, which does not") as caught:
        director(tmp_path, text)
    assert caught.value.line == 5


@pytest.mark.parametrize("directive", ["File Set = f", "Messages = m", "Verify Job = v"])
def test_references_that_say_nothing_of_the_network_are_not_followed(
    tmp_path: Path, directive: str
) -> None:
    assert director(tmp_path, f"Job {{ Name = j\n{directive}\n}}").programs


def test_a_reference_may_point_forward_and_into_another_file(tmp_path: Path) -> None:
    plant(
        tmp_path / "bareos-dir.d",
        {
            "a/a.conf": MINIMAL["bareos-dir"],
            "a/b.conf": "Job { Name = j; Client = c1\n }",
            "a/c.conf": CLIENT,
        },
    )
    assert not warnings(read_configuration([tmp_path]))


def test_the_same_type_and_name_twice_is_an_error_at_the_second(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"second Client named 'c1'.*conf:4") as caught:
        director(tmp_path, CLIENT * 2)
    assert caught.value.line == 6


def test_the_same_name_in_two_types_is_fine(tmp_path: Path) -> None:
    assert director(tmp_path, "Pool { Name = x\n }\nProfile { Name = x\n }\n").programs


@pytest.mark.parametrize("base", ["bareos-dir", "bareos-sd", "bareos-fd", "tray-monitor"])
def test_a_second_own_resource_is_an_error_that_is_reported(tmp_path: Path, base: str) -> None:
    second = MINIMAL[base].replace("Name = ", "Name = second-")
    plant(tmp_path, {f"{base}.conf": MINIMAL[base] + second})
    (problem,) = read_configuration([tmp_path]).problems
    assert (problem.level, "exactly one" in problem.message) == ("error", True)


def test_a_required_directive_that_is_missing_is_reported_not_raised(tmp_path: Path) -> None:
    configuration = director(tmp_path, "Client { Name = c1\n }")
    assert [(p.level, p.message) for p in configuration.problems] == [
        ("error", "Client 'c1' has no Address, which Bareos requires"),
        ("error", "Client 'c1' has no Password, which Bareos requires"),
    ]


def test_strict_turns_any_problem_into_an_error(tmp_path: Path) -> None:
    plant(tmp_path, {"bareos-fd.conf": "Client { Name = My Client\n }"})
    with pytest.raises(ConfigurationError, match="drops the blanks") as caught:
        read_configuration([tmp_path], strict=True)
    assert caught.value.line == 1


def test_strict_raises_the_worst_problem_first(tmp_path: Path) -> None:
    plant(tmp_path, {"bareos-dir.conf": "Director { Name = My Dir\n }" + CLIENT})
    with pytest.raises(ConfigurationError, match="has no Password"):
        read_configuration([tmp_path], strict=True)


def test_strict_passes_over_notes(tmp_path: Path) -> None:
    text = MINIMAL["bareos-fd"].replace("Client {", "Client { Maximum Concurrent Jobs = 5\n", 1)
    plant(tmp_path, {"bareos-fd.conf": text})
    assert [p.level for p in read_configuration([tmp_path], strict=True).problems] == ["note"]


def test_strict_accepts_a_configuration_without_problems(tmp_path: Path) -> None:
    plant(tmp_path, {"bareos-fd.conf": MINIMAL["bareos-fd"]})
    assert read_configuration([tmp_path], strict=True).programs


def test_a_byte_order_mark_of_utf8_is_accepted(tmp_path: Path) -> None:
    plant(tmp_path, {"bareos-fd.conf": "\ufeff" + MINIMAL["bareos-fd"]})
    assert read_configuration([tmp_path]).programs[0].resources[0].name == "fd"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_refused_with_a_sentence(tmp_path: Path, encoding: str) -> None:
    text = MINIMAL["bareos-fd"] if encoding == "utf-16" else "\ufeff" + MINIMAL["bareos-fd"]
    (tmp_path / "bareos-fd.conf").write_bytes(text.encode(encoding))
    with pytest.raises(ConfigurationError, match="save it as UTF-8"):
        read_configuration([tmp_path])


def test_bytes_that_are_no_utf8_are_ordinary_characters(tmp_path: Path) -> None:
    text = b'Client { Name = fd\n TLS Allowed CN = "M\xfcller"\n }'
    (tmp_path / "bareos-fd.conf").write_bytes(text)
    setting = read_configuration([tmp_path]).programs[0].resources[0].get("TlsAllowedCn")
    assert setting and isinstance(setting.value, tuple) and isinstance(setting.value[0], str)
    assert setting.value[0].encode("utf-8", "surrogateescape") == b"M\xfcller"


def test_a_nul_byte_is_refused(tmp_path: Path) -> None:
    plant(tmp_path, {"bareos-fd.conf": MINIMAL["bareos-fd"] + "\0"})
    with pytest.raises(ConfigurationError, match="NUL byte"):
        read_configuration([tmp_path])


@pytest.mark.parametrize(
    ("module", "bound", "message"),
    [
        (file_reader, "MAX_FILE_BYTES", "too large"),
        (file_reader, "MAX_TOTAL_BYTES", "too large"),
        (file_reader, "MAX_FILES", "more than 3 files"),
        (scan, "MAX_PROBLEMS", "more than 3 problems"),
        (parser, "MAX_RESOURCES", "more than 3 resources"),
    ],
)
def test_each_bound_is_an_error_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: object, bound: str, message: str
) -> None:
    for file in range(5):
        text = f"Director {{ Name = my dir{file}\n Password = p\n }}\n"
        plant(tmp_path / "bareos-fd.d", {f"a/{file}.conf": text})
    monkeypatch.setattr(module, bound, 3)
    with pytest.raises(ConfigurationError, match=message):
        read_configuration([tmp_path])


@pytest.mark.parametrize(
    "directive",
    [
        "TLS Allowed CN = " + ", ".join("a" * 20_000),
        "TLS Allowed CN = a\n" * 20_000,
        "Addresses = { " + "ip = { port = 1 } " * 2_000 + "}",
        "Heartbeat Interval = " + "1 s " * 500,
    ],
)
def test_lists_are_bounded(tmp_path: Path, directive: str) -> None:
    plant(tmp_path, {"bareos-fd.conf": f"Client {{ Name = fd\n{directive}\n}}"})
    with pytest.raises(ConfigurationError):
        read_configuration([tmp_path])


def test_a_tree_of_which_a_file_cannot_be_read_is_a_part(tmp_path: Path) -> None:
    plant(tmp_path, {"bareos-dir.d/director/d.conf": MINIMAL["bareos-dir"] + "Job { Name = j\n }"})
    assert read_configuration([tmp_path]).programs[0].whole
    (tmp_path / "bareos-dir.d" / "director" / "gone.conf").symlink_to(tmp_path / "gone")
    assert not read_configuration([tmp_path]).programs[0].whole
