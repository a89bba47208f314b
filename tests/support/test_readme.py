"""The page about the helpers has all of them, each with an example that uses it."""

from __future__ import annotations

import ast
import re

import pytest
from paths import SUPPORT

PAGE = (SUPPORT / "README.md").read_text(encoding="utf-8")
HELPERS = sorted(path.stem for path in SUPPORT.glob("*.py") if not path.name.startswith("test_"))
EXAMPLES = dict(re.findall(r"^\*\*`(\w+)`\*\*.*?\n```python\n(.*?)```$", PAGE, re.S | re.M))


def defined(helper: str) -> set[str]:
    """Return the public names of a helper."""
    tree = ast.parse((SUPPORT / f"{helper}.py").read_text(encoding="utf-8"))
    names = set()
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case _:
                pass
    return {name for name in names if not name.startswith("_")}


def test_every_helper_is_on_the_page_and_nothing_else() -> None:
    assert sorted(EXAMPLES) == HELPERS


@pytest.mark.parametrize("helper", HELPERS)
def test_the_example_uses_the_helper_in_three_lines_or_so(helper: str) -> None:
    example = EXAMPLES[helper]
    used = {node.id for node in ast.walk(ast.parse(example)) if isinstance(node, ast.Name)}
    assert used & defined(helper)
    assert len(example.splitlines()) <= 4


@pytest.mark.parametrize("helper", HELPERS)
def test_everything_public_in_a_helper_has_a_docstring(helper: str) -> None:
    tree = ast.parse((SUPPORT / f"{helper}.py").read_text(encoding="utf-8"))
    classes = [one for one in tree.body if isinstance(one, ast.ClassDef) and one.name[0] != "_"]
    bare = [
        node.name
        for body in (tree, *classes)
        for node in body.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert ast.get_docstring(tree) and bare == []
