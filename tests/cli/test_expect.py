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


def test_a_host_has_only_its_own_connections() -> None:
    for host in ("sd1", "10.77.0.20"):
        document = json.loads(run(*CONFIG, "-f", "json", "--host", host).stdout)
        ends = [{one["initiator"], one["acceptor"]} for one in document["expectations"]]
        assert len(ends) > 5
        assert all("storage daemon sd1" in pair for pair in ends)


@pytest.mark.parametrize("syntax", ["nft", "firewalld", "iptables"])
def test_firewall_rules_say_what_they_lack_on_standard_error(syntax: str, tmp_path: Path) -> None:
    told = run(*CONFIG, "-f", syntax)
    assert told.exit_code == 0
    lines = told.stderr.splitlines()
    assert lines[0] == "14 rules let connections through."
    assert lines[1] == "8 connections are left out, for want of a fact:"
    assert any("MaximumConcurrentJobs is deprecated" in line for line in lines)
    assert "# from captures/trouble/config: what it requires or allows." in told.stdout
    result = run(*CONFIG, "-f", syntax, "-o", tmp_path / "rules")
    assert (result.stdout, result.stderr) == ("", told.stderr)
    assert (tmp_path / "rules").read_text() == told.stdout


@pytest.mark.parametrize("syntax", ["nft", "firewalld", "iptables"])
def test_captures_mark_the_rules_that_they_show_in_use(syntax: str) -> None:
    told = run(*CONFIG, "-f", syntax, "--host=sd1", "--seen=captures/trouble/capture.pcap")
    assert told.exit_code == 0, told.stderr
    lines = told.stderr.splitlines()
    assert lines[0].endswith("; 2 used in captures/trouble/capture.pcap.")
    assert lines[1].startswith("Seen there without a rule: 1 refused")
    marks = [line for line in told.stdout.splitlines() if " -> " in line and "used" in line]
    assert sum(line.endswith("; used by 1 connection") for line in marks) == 2
    assert sum(line.endswith("; not used") for line in marks) == 4
    last = told.stdout.splitlines()[-1]
    assert last.startswith("#   inbound 10.77.0.66 -> 10.77.0.20:9103, 1 connection (f7): ")


def test_csv_has_what_captures_show_of_each_connection() -> None:
    told = run(*CONFIG, "-f", "csv", "--host=sd1", "--seen=captures/trouble/capture.pcap")
    rows = list(csv.DictReader(told.stdout.splitlines()))
    assert {row["id"] for row in rows if row["exercised"] == "true"} == {
        "5a:bareos-dir>sd1(store1)",
        "6:fd1>sd1(store1)",
    }
    whole = run(*CONFIG, "-f", "csv", "--host=sd1").stdout.splitlines()
    assert [row["id"] for row in rows] == [row["id"] for row in csv.DictReader(whole)]
    assert "exercised" not in whole[0]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["expect"], "--config"),
        (["expect", "-c", "/nowhere"], "/nowhere"),
        ([*CONFIG, "-o", "/nowhere/report"], "/nowhere/report cannot be written"),
        ([*CONFIG, "--port", "sd=1"], "--port"),
        ([*CONFIG, "--host", "sdx"], "did you mean sd"),
        ([*CONFIG, "-f", "nft", "--host", "192.0.2.9"], "192.0.2.9: nobody in the configuration"),
        ([*CONFIG, "--seen", "x.pcap"], "--seen needs --format nft, firewalld, iptables, csv"),
        ([*CONFIG, "-f", "nft", "--seen=-", "--seen=-"], "only once"),
        ([*CONFIG, "-f", "nft", "--seen", "/nowhere.pcap"], "/nowhere.pcap"),
    ],
)
def test_what_it_cannot_do_is_one_sentence(arguments: list[str], sentence: str) -> None:
    assert sentence in refused(*arguments)
