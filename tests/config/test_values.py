"""Values are read as bareos.md §5.5 says, each trap included."""

from __future__ import annotations

import pytest
from bareosconf import client, own_client, parse, value_of

from auditor.config.quantities import SIZE_UNITS, SPEED_UNITS, total
from auditor.errors import ConfigurationError


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("60", 60),
        ("0", 0),
        ("1.5 min", 90),
        (".5 h", 1800),
        ("60 s", 60),
        ("60 sec", 60),
        ("1 second", 1),
        ("2 n", 120),
        ("1 mi", 60),
        ("1 min", 60),
        ("3 mins", 180),
        ("3 minutes", 180),
        ("1 m", 30 * 86400),
        ("1 month", 30 * 86400),
        ("2 h", 7200),
        ("1 d", 86400),
        ("1 W", 7 * 86400),
        ("1 q", 91 * 86400),
        ("1 year", 365 * 86400),
        ("1 min 30 s", 90),
        ("1min30s", 90),
        ("60m in", 3600),
        ("1 min, 30 s", 60),
        ("1\tmin", 1),
        ("60 # comment", 60),
        ("60;", 60),
        ("1 years 2 months 3 weeks 4 days 5 hours 6 minutes 7 seconds", 38898367),
    ],
)
def test_a_time_is_the_sum_of_its_pairs(written: str, seconds: int) -> None:
    assert value_of(client(f"Heartbeat Interval = {written}"), "HeartbeatInterval") == seconds


@pytest.mark.parametrize(
    "written", ["5 secs", "2 hrs", "2 hr", '"60"', "", "min", "1 min 30 x", "x60", "="]
)
def test_other_units_quotes_and_empty_times_are_errors(written: str) -> None:
    with pytest.raises(ConfigurationError):
        client(f"Heartbeat Interval = {written}")


@pytest.mark.parametrize(
    ("written", "warning"),
    [
        ("1 m", "'m' is a month of 30 days, so this is 2592000 s"),
        ("1m", "'m' is a month"),
        ("1\tmin", "a tab ends a time"),
        ("1 min, 30 s", "a comma ends a time"),
        ("32768", "Linux takes at most 32767 s"),
        ("12 hours", "43200 s"),
        ("-5", "is negative"),
    ],
)
def test_a_time_that_is_not_what_it_seems_is_a_problem(written: str, warning: str) -> None:
    parsed = client(f"Heartbeat Interval = {written}")
    assert warning in parsed.messages
    assert {problem.source.line for problem in parsed.problems if problem.source} == {3}
    assert {problem.level for problem in parsed.problems} == {"warning"}


@pytest.mark.parametrize("written", ["1 min", "5 mi", "32767", "60;", "60 # tab\t, comma"])
def test_a_time_that_is_what_it_seems_is_no_problem(written: str) -> None:
    assert not client(f"Heartbeat Interval = {written}").problems


def test_only_a_heartbeat_is_too_long_for_the_kernel() -> None:
    assert not own_client("SD Connect Timeout = 12 hours").problems


@pytest.mark.parametrize(
    ("written", "value"), [("yes", True), ("No", False), ('"YES"', True), ("true", True)]
)
def test_a_boolean_is_yes_or_no(written: str, value: bool) -> None:
    assert value_of(client(f"Passive = {written}"), "Passive") is value


@pytest.mark.parametrize("written", ["true", "False", '"1"', '"0"'])
def test_old_booleans_work_and_are_deprecated(written: str) -> None:
    assert "deprecated" in client(f"Passive = {written}").messages


@pytest.mark.parametrize("written", ["1", "0", "on", "off", "yes please", ""])
def test_other_booleans_are_errors(written: str) -> None:
    with pytest.raises(ConfigurationError, match="yes or no"):
        client(f"Passive = {written}")


@pytest.mark.parametrize(
    ("written", "value"), [("9201", 9201), ('"9201"', 9201), ("9201 junk", 9201), ("70000", 70000)]
)
def test_the_port_of_a_peer_is_digits_without_a_range(written: str, value: int) -> None:
    assert value_of(client(f"Port = {written}"), "Port") == value


@pytest.mark.parametrize("written", ["http", "9201/tcp", "-1", "", '""', "9201k", "9" * 30])
def test_the_port_of_a_peer_is_nothing_else(written: str) -> None:
    with pytest.raises(ConfigurationError):
        client(f"Port = {written}")


def test_a_port_that_cannot_be_dialled_is_a_problem() -> None:
    assert "no port has that number" in client("Port = 70000").messages


@pytest.mark.parametrize(
    ("directive", "value"),
    [("Address = a junk more", "ajunkmore"), ("Address = my-client 2", "my-client")],
)
def test_an_unquoted_text_loses_blanks_or_words_and_that_is_a_problem(
    directive: str, value: str
) -> None:
    parsed = client(directive)
    assert value_of(parsed, "Address") == value
    assert len(parsed.problems) == 1


def test_words_after_a_value_are_ignored_and_that_is_a_problem() -> None:
    parsed = client("Port = 9201 junk")
    assert parsed.messages == "Bareos ignores what follows the value of Port on this line"
    assert [problem.source.line for problem in parsed.problems if problem.source] == [3]


def test_a_quoted_text_keeps_its_blanks() -> None:
    parsed = parse('Client { Name = "My Client 2"\n }')
    assert parsed.only.name == "My Client 2"
    assert not parsed.problems


def test_an_unquoted_name_loses_its_blanks() -> None:
    parsed = parse("Client { Name = My Client\n }")
    assert parsed.only.name == "MyClient"
    assert "'MyClient'" in parsed.messages


@pytest.mark.parametrize("name", ["a:b.c-d_e/f g", "x" * 127, "007"])
def test_these_are_names(name: str) -> None:
    assert parse(f'Client {{ Name = "{name}"\n }}').only.name == name


@pytest.mark.parametrize(
    "name", ['""', '" x"', '"x "', '"x+y"', "é", "x" * 128, "7", '"a\nb"', "$x"]
)
def test_these_are_no_names(name: str) -> None:
    with pytest.raises(ConfigurationError):
        parse(f"Client {{ Name = {name}\n }}")


@pytest.mark.parametrize("directive", ["Address = 10", "Lan Address =", "Address = {"])
def test_a_text_is_neither_a_bare_number_nor_nothing(directive: str) -> None:
    with pytest.raises(ConfigurationError, match="needs a text"):
        client(directive)


@pytest.mark.parametrize("written", ["${X}", "%{X}"])
def test_variables_are_not_expanded_and_break_on_the_brace(written: str) -> None:
    with pytest.raises(ConfigurationError):
        parse(f"Client {{\nAddress = {written}\nName = x\n}}")


@pytest.mark.parametrize(
    ("written", "size"),
    [("1", 1), ("1k", 1024), ("1kb", 1000), ("2M", 2 << 20), ("1g", 1 << 30), ("1 tb", 10**12)],
)
def test_a_size_is_binary_without_b_and_decimal_with_it(written: str, size: int) -> None:
    assert total(written, SIZE_UNITS) == size


@pytest.mark.parametrize(("written", "speed"), [("3k/s", 3072), ("1mb/s", 10**6), ("1 k/s", 1024)])
def test_a_speed_has_units_of_its_own(written: str, speed: int) -> None:
    assert total(written, SPEED_UNITS) == speed


@pytest.mark.parametrize("written", ["1x", "k", "1 k k", "9e99"])
def test_a_size_of_unknown_units_or_beyond_64_bits_is_none(written: str) -> None:
    assert total(written, SIZE_UNITS) is None


@pytest.mark.parametrize(
    ("written", "value"), [("ndmpv4", "NDMPv4"), ("Native", "Native"), ('"native"', "Native")]
)
def test_a_keyword_is_one_of_its_set_in_canonical_spelling(written: str, value: str) -> None:
    assert value_of(client(f"Protocol = {written}"), "Protocol") == value


def test_an_unknown_keyword_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="NDMPv2"):
        client("Protocol = smtp")


def test_a_list_takes_commas_and_appends_line_by_line() -> None:
    parsed = client('TlsAllowedCn = a, "b c"\nTlsAllowedCn = d,e')
    assert value_of(parsed, "TlsAllowedCn") == ("a", "b c", "d", "e")


def test_the_devices_of_a_storage_append() -> None:
    parsed = parse("Storage { Name = s\n Device = d1\n Device = d2 }")
    assert value_of(parsed, "Device") == ("d1", "d2")


@pytest.mark.parametrize(
    ("name", "first", "last", "value"),
    [
        ("Address", "a", "b", "b"),
        ("Port", "1", "2", 2),
        ("Passive", "yes", "no", False),
        ("HeartbeatInterval", "60", "1 min 1 s", 61),
    ],
)
def test_the_last_of_two_equal_directives_wins(
    name: str, first: str, last: str, value: object
) -> None:
    parsed = client(f"{name} = {first}\n{name} = {last}")
    assert value_of(parsed, name) == value
    assert parsed.only.where(name).line == 4


def test_an_alias_is_accepted_silently_and_resolved() -> None:
    parsed = client("FD Address = a\nFD Port = 7")
    assert (value_of(parsed, "Address"), value_of(parsed, "Port")) == ("a", 7)
    assert not parsed.problems
