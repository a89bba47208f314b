"""What a package index shows of the README has no link that leads nowhere."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from types import ModuleType

import pytest
from paths import ROOT


def loaded(name: str) -> ModuleType:
    """Return a module of ``packaging/``, which is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "packaging" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


HOOK = loaded("readme_hook")
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("the [rules](docs/rules.md), all", "the rules (`docs/rules.md`), all"),
        ("see [docs/a.md](docs/a.md#b)", "see docs/a.md"),
        ("![A picture](docs/report.svg)", ""),
        ("[Bareos](https://docs.bareos.org/) [below](#use)",) * 2,
    ],
)
def test_without_a_forge_a_link_is_the_name_of_a_file(written: str, shown: str) -> None:
    assert HOOK.portable(written) == shown


def test_with_a_forge_a_link_leads_there() -> None:
    shown = HOOK.portable("[r](docs/r.md#a) ![p](docs/p.svg)", "https://forge.example/x/")
    assert (
        shown == "[r](https://forge.example/x/docs/r.md#a) ![p](https://forge.example/x/docs/p.svg)"
    )


def test_all_links_of_the_readme_lead_somewhere_on_an_index() -> None:
    assert re.findall(r"\]\(([^)]+)\)", README)
    links = re.findall(r"\]\(([^)]+)\)", HOOK.portable(README))
    assert [link for link in links if not link.startswith("https://")] == []


def test_the_project_says_where_more_is_to_be_read() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert all(
        link.startswith("https://") and len(name) <= 32 for name, link in project["urls"].items()
    )
