"""Passwords are told apart and never shown (bareos.md §5.5)."""

from __future__ import annotations

import hashlib
import pickle
import traceback
from pathlib import Path

import pytest
from bareosconf import client, parse, plant, value_of

from auditor.config.passwords import without_passwords
from auditor.config.reading import read_configuration
from auditor.config.resources import Secret, Value
from auditor.errors import ConfigurationError

SECRET = "Tr0ub4dor"


def secret(written: str) -> Value | None:
    return value_of(client(f"Password = {written}"), "Password")


def test_equal_passwords_have_equal_fingerprints() -> None:
    assert secret(f'"{SECRET}"') == secret(SECRET) != secret("other")


def test_an_md5_equals_the_clear_text_it_was_made_from() -> None:
    digest = hashlib.md5(SECRET.encode(), usedforsecurity=False).hexdigest()
    assert secret(f'"[md5]{digest}"') == secret(SECRET)


def test_a_fingerprint_is_no_hash_that_anyone_else_could_compute() -> None:
    found = secret(SECRET)
    assert isinstance(found, Secret)
    for algorithm in ("md5", "sha256"):
        assert hashlib.new(algorithm, SECRET.encode()).digest() != found.fingerprint


@pytest.mark.parametrize("written", ['"[md5]abc"', f'"[md5]{"g" * 32}"', '""', "12345", ""])
def test_other_passwords_are_errors(written: str) -> None:
    with pytest.raises(ConfigurationError):
        secret(written)


def test_an_empty_password_is_refused_also_as_its_md5() -> None:
    with pytest.raises(ConfigurationError, match="empty"):
        secret('"[md5]d41d8cd98f00b204e9800998ecf8427e"')


def test_the_password_of_a_catalog_is_clear_text() -> None:
    parsed = parse('Catalog { Name = c\n DB Password = "[md5]short"\n }')
    assert isinstance(value_of(parsed, "DbPassword"), Secret)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("bareos", "bareos"),
        ("passwd" * 100_000, "…"),
        (f"dbname=x password={SECRET} host=y", "dbname=x password=… host=y"),
        (f"dbname=x password = '{SECRET} more' host=y", "dbname=x password = … host=y"),
        (f"postgresql://me:{SECRET}@host/db", "postgresql://me:…@host/db"),
        (
            f"postgresql://host/db?sslpassword={SECRET}&x=1",
            "postgresql://host/db?sslpassword=…&x=1",
        ),
    ],
)
def test_a_connection_string_loses_its_passwords(written: str, shown: str) -> None:
    assert without_passwords(written) == shown
    parsed = parse(f'Catalog {{ Name = c\n DB Name = "{written}"\n }}')
    assert value_of(parsed, "DbName") == shown


def test_no_password_is_in_anything_that_was_read(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "bareos-dir.conf": f"""
            Director {{ Name = dir; Password = "{SECRET}" junk
              Key Encryption Key = {SECRET} }}
            Client {{ Name = c; Address = a; Password = {SECRET} {SECRET} }}
            Catalog {{ Name = k; DB User = u; DB Name = "password={SECRET}"; Password = {SECRET} }}
            Console {{ Name = x
              Password = {SECRET}
              Unknown = {SECRET}
            }}
            """
        },
    )
    configuration = read_configuration([tmp_path])
    assert len(configuration.problems) >= 3
    assert SECRET not in repr(configuration) + str(configuration)
    assert SECRET.encode() not in pickle.dumps(configuration)


@pytest.mark.parametrize(
    "broken",
    [
        f"Password {SECRET}",
        f"Password = [md5]{SECRET}",
        f"Password = {SECRET}\n{SECRET} = {{",
        f"Password = {SECRET}\n Passwo_rd = x",
        f'Password = "{SECRET}',
        f'"Password" = {SECRET}',
        f"TlsAllowedCn = a Password = {SECRET}",
        f"Passive = {SECRET}",
        f"Port = {SECRET}",
        f"Heartbeat Interval = {SECRET}",
        f"Name = {SECRET}+",
        f"}} {SECRET}",
        f"Protocol = {SECRET}",
        f"@{SECRET}",
    ],
)
def test_no_error_shows_a_password(broken: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse(f"Client {{\n{broken}\n}}")
    assert SECRET not in "".join(traceback.format_exception(caught.value, limit=0))
