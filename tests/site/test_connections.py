"""The default ports stand in ``rules/connections.yaml`` and nowhere else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from paths import ROOT

from auditor.site.connections import default_ports

MODULES = sorted((ROOT / "auditor" / "site").glob("*.py"))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_no_module_repeats_a_default_port(module: Path) -> None:
    nodes = ast.walk(ast.parse(module.read_text(encoding="utf-8")))
    numbers = {node.value for node in nodes if isinstance(node, ast.Constant)}
    assert numbers.isdisjoint(default_ports().values())
