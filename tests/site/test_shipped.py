"""What shipped files hold is what YAML says, whether it was kept or not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.errors import RuleError
from auditor.outputs import kept_files
from auditor.site import shipped
from auditor.site.connections import rules_directory
from auditor.site.shipped import shipped_yaml
from auditor.text.yamlfile import load_yaml

FILES = sorted(rules_directory().rglob("*.yaml"))


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Keep files in a folder of this test, and forget what this process read."""
    place = tmp_path / "kept"
    place.mkdir(mode=0o700)
    monkeypatch.setenv("BAREOS_AUDIT_CACHE", str(place))
    shipped._read_before.cache_clear()
    yield place
    shipped._read_before.cache_clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two files."""
    made = tmp_path / "rules"
    made.mkdir()
    (made / "one.yaml").write_text("id: one\nonce: [a, b]\n")
    (made / "two.yaml").write_text("id: two\nday: 2024-05-06\n5: five\n")
    return made


def read_again(path: Path) -> object:
    """Read a file as another process does, which has only what was kept."""
    shipped._read_before.cache_clear()
    return shipped_yaml(path)


def test_every_shipped_file_is_read_as_yaml_both_times(cache: Path) -> None:
    expected = [load_yaml(path) for path in FILES]
    assert [shipped_yaml(path) for path in FILES] == expected
    assert len(list(cache.iterdir())) == 2  # one a folder
    assert [read_again(path) for path in FILES] == expected


def test_what_was_kept_is_not_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped_yaml(folder / "one.yaml")
    monkeypatch.setattr(shipped, "_loaded", None)
    assert read_again(folder / "one.yaml") == {"id": "one", "once": ["a", "b"]}


def test_what_json_cannot_hold_is_read_every_time(folder: Path) -> None:
    expected = load_yaml(folder / "two.yaml")
    assert shipped_yaml(folder / "two.yaml") == expected
    assert read_again(folder / "two.yaml") == expected


def test_an_edit_of_any_file_is_followed(folder: Path) -> None:
    path = folder / "one.yaml"
    before = shipped_yaml(path)
    path.write_text("id: other\n")
    assert before != read_again(path) == {"id": "other"}
    path.rename(folder / "new.yaml")
    assert read_again(folder / "new.yaml") == {"id": "other"}


def test_a_mistake_is_told_when_its_file_is_asked_for(folder: Path) -> None:
    (folder / "two.yaml").write_text("a: 1\na: 2\n")
    assert shipped_yaml(folder / "one.yaml") == {"id": "one", "once": ["a", "b"]}
    for _ in range(2):
        with pytest.raises(RuleError, match=r"two\.yaml:2: a is given twice"):
            read_again(folder / "two.yaml")
    with pytest.raises(RuleError, match="cannot be read"):
        shipped_yaml(folder / "none.yaml")


def test_what_others_could_have_written_is_not_believed(folder: Path, cache: Path) -> None:
    path = folder / "one.yaml"
    expected = shipped_yaml(path)
    (file,) = cache.iterdir()
    file.write_bytes(file.read_bytes().replace(b"one", b"two"))
    assert read_again(path) == expected
    kept_files.write(file, b'{"one.yaml": {"id": "two"}}')
    file.chmod(0o666)
    assert read_again(path) == expected


def test_without_a_place_to_keep_it_every_file_is_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_files, "cache_directory", lambda: None)
    assert read_again(folder / "one.yaml") == {"id": "one", "once": ["a", "b"]}
