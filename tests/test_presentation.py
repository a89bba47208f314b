"""What an audit shows of itself is asked of whoever was named."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor import presentation
from auditor.presentation import Plots, Presentable, Presenter, present_with


class Named(Presenter):
    def markup(self, audit: Presentable) -> str:
        return f"markup {type(audit).__name__}"

    def html(self, audit: Presentable) -> str:
        return f"html {type(audit).__name__}"

    def json(self, audit: Presentable) -> str:
        return f"json {type(audit).__name__}"

    def save(self, audit: Presentable, path: str | Path) -> tuple[Path, ...]:
        return (Path(path), Path(type(audit).__name__))

    def plots(self, audit: Presentable) -> Plots:
        return (audit, "plots")  # type: ignore[return-value]


class Thing(Presentable):
    pass


@pytest.fixture(autouse=True)
def _named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presentation, "_named", [])


def test_every_method_asks_the_presenter_that_was_named_last() -> None:
    present_with(lambda: pytest.fail("an older one was asked"))
    present_with(Named)
    thing = Thing()
    assert thing._repr_html_() == "markup Thing"
    assert thing.to_html() == "html Thing"
    assert thing.to_json() == "json Thing"
    assert thing.save("a.html") == (Path("a.html"), Path("Thing"))
    assert thing.plot == (thing, "plots")


@pytest.mark.parametrize("method", ["_repr_html_", "to_html", "to_json"])
def test_without_one_the_mistake_is_named(method: str) -> None:
    with pytest.raises(RuntimeError, match=r"import auditor\.api"):
        getattr(Thing(), method)()
