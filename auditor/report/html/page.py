"""A page: templates that escape all they print, one style and one script, and the policy that
lets a browser run nothing else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from auditor.judge.rules.manual import manual_url
from auditor.report.html.inert import shown
from auditor.version import __version__

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).with_name("templates")
#: What ``<meta name="generator">`` says, by which our own reports are recognised.
GENERATOR = f"bareos-audit {__version__}"


def render(template: str, context: Mapping[str, Any]) -> Iterator[str]:
    """Yield a page piece by piece. Raises ``jinja2.UndefinedError`` for what a template names and
    nobody gives."""
    style, script = _asset("style.css"), _asset("script.js")
    made = (
        environment()
        .get_template(template)
        .generate(
            context,
            told=context,
            generator=GENERATOR,
            style=Markup(style),
            script=Markup(script),
            policy=policy(style, script),
        )
    )
    yield from made
    yield "\n"


def policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy of a page with this style and script: nothing is fetched,
    and nothing else runs, whatever a name on the wire is."""
    sources = {
        "default-src": "'none'",
        "style-src": f"'sha256-{_digest(style)}'",
        "script-src": f"'sha256-{_digest(script)}'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in sources.items())


@cache
def environment() -> Environment:
    """Return the environment of our templates: an undefined name is an error, not a gap."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters["manual_url"] = manual_url
    return made


@cache
def _asset(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
