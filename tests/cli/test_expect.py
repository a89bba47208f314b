"""The command that shows what a configuration calls for, of which nothing is captured."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from bareosconf import MINIMAL, plant
from commandline import refused, run

CONFIG = ("expect", "--config=captures/trouble/config", "--no-resolve")


def test_every_format_has_the_same_connections() -> None:
    told = {form: run(*CONFIG, "-f", form) for form in ("table", "json", "csv")}
    assert {result.exit_code for result in told.values()} == {0}
    numbers = [one["connection"] for one in json.loads(told["json"].stdout)["expectations"]]
    assert numbers == [row["connection"] for row in csv.DictReader(told["csv"].stdout.splitlines())]
    assert set(numbers) >= {"1", "5a"}
    assert all(f"{number} " in told["table"].stdout for number in numbers)


def test_what_could_not_be_read_is_told_in_every_format(tmp_path: Path) -> None:
    text = MINIMAL["bconsole"].replace("{", "{ Colour = red\n", 1)
    root = plant(tmp_path, {"bconsole.conf": f"@|true\n{text}"})
    asked = ("expect", "-c", root, "--no-resolve", "-f")
    told = {form: run(*asked, form) for form in ("table", "json", "csv")}
    problems = json.loads(told["json"].stdout)["problems"]
    lines = {line.partition(": ")[0] for line in problems}
    assert lines == {f"{root}/bconsole.conf:1", f"{root}/bconsole.conf:2"}
    assert told["csv"].stderr.splitlines() == problems
    assert "The configuration itself" in told["table"].stdout
    assert f"{root}\n2  default" in told["table"].stdout
    table = "".join(told["table"].stdout.replace(f"{root}/", "").split())
    problems = [one.replace(f"{root}/", "") for one in problems]
    assert all("".join(one.partition(": ")[2].split()) in table for one in problems)
    assert told["table"].stderr == told["json"].stderr == ""


def test_the_worst_is_told_first(tmp_path: Path) -> None:
    text = "Client { Name = a\n TLS Enable = true\n}\nClient { Name = b\n}\n"
    root = plant(tmp_path, {"bareos-fd.conf": text, "bareos-sd.d/a.conf": ""})
    document = json.loads(run("expect", "-c", root, "--no-resolve", "-f", "json").stdout)
    words = ("exactly one Client", "deprecated", "no *.conf")
    assert all(w in p for w, p in zip(words, document["problems"], strict=True)), document


def test_it_goes_to_a_file_whole(tmp_path: Path) -> None:
    result = run(*CONFIG, "-f", "json", "-o", tmp_path / "report")
    assert (result.exit_code, result.output) == (0, "")
    assert (tmp_path / "report").read_text() == run(*CONFIG, "-f", "json").stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["expect"], "--config"),
        (["expect", "-c", "/nowhere"], "/nowhere"),
        ([*CONFIG, "-o", "/nowhere/report"], "/nowhere/report cannot be written"),
        ([*CONFIG, "--port", "sd=1"], "--port"),
    ],
)
def test_what_it_cannot_do_is_one_sentence(arguments: list[str], sentence: str) -> None:
    assert sentence in refused(*arguments)
