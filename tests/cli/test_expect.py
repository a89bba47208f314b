"""The command that shows what a configuration calls for, of which nothing is captured."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from commandline import refused, run

CONFIG = ("expect", "--config=captures/trouble/config", "--no-resolve")


def test_every_format_has_the_same_connections() -> None:
    told = {form: run(*CONFIG, "-f", form) for form in ("table", "json", "csv")}
    assert {result.exit_code for result in told.values()} == {0}
    numbers = [one["connection"] for one in json.loads(told["json"].stdout)["expectations"]]
    assert numbers == [row["connection"] for row in csv.DictReader(told["csv"].stdout.splitlines())]
    assert set(numbers) >= {"1", "5a"}
    assert all(f"{number} " in told["table"].stdout for number in numbers)


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
