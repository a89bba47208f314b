"""One state of TCP: its bits and columns mean one thing, wherever they are used."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain, combinations

import numpy as np
import pytest
from paths import ROOT

from auditor.evidence.thinning import tables as thinning
from auditor.flows import tables as tracking
from auditor.flows import tcp_state
from auditor.flows.lookup import FLOW_CORE, STATE_CORE
from auditor.flows.tcp_state import SIDE_CORE


def constants(source: str) -> Iterator[tuple[str, int]]:
    """Yield the public whole numbers that a module defines, by name."""
    for node in ast.parse(source).body:
        if not isinstance(node, ast.Assign):
            continue
        target, value = node.targets[0], node.value
        pairs = [(target, value)]
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            pairs = list(zip(target.elts, value.elts, strict=True))
        for name, made in pairs:
            if isinstance(name, ast.Name) and name.id.isupper() and not name.id.startswith("_"):
                try:
                    number = eval(compile(ast.Expression(made), "", "eval"), {"__builtins__": {}})
                except NameError:
                    continue  # made of others
                if isinstance(number, int):
                    yield name.id, number


def test_no_name_of_a_number_has_two_values() -> None:
    found: defaultdict[str, set[int]] = defaultdict(set)
    rooms = ("packets", "flows", "evidence")  # where kernels are, and import each other's numbers
    for path in chain.from_iterable((ROOT / "auditor" / room).rglob("*.py") for room in rooms):
        for name, number in constants(path.read_text()):
            found[name].add(number)
    assert found["HAS_ISN"] == {1}
    assert {name: values for name, values in found.items() if len(values) > 1} == {}


def bits() -> dict[str, int]:
    source = (ROOT / "auditor/flows/tcp_state.py").read_text().partition("# Bits of both.")[2]
    return dict(constants(source))


def test_no_two_bits_are_the_same() -> None:
    found = bits()
    assert len(found) > 15
    assert all(value.bit_count() == 1 for value in found.values())
    assert all(one != other for one, other in combinations(found.values(), 2))


def test_bits_are_defined_nowhere_else() -> None:
    for path in (ROOT / "auditor").rglob("*.py"):
        if path.name != "tcp_state.py":
            assert bits().keys().isdisjoint(dict(constants(path.read_text()))), path


@pytest.mark.parametrize(
    ("core", "made"),
    [
        (SIDE_CORE, tracking.SIDE),
        (SIDE_CORE, thinning.SIDE),
        (FLOW_CORE, tracking.FLOW),
        (FLOW_CORE, thinning.FLOW),
        (STATE_CORE, tracking.STATE),
        (STATE_CORE, thinning.STATE),
    ],
)
def test_both_tables_begin_with_what_they_have_in_common(
    core: list[tuple[str, str]], made: np.dtype[np.void]
) -> None:
    shared = np.dtype(core, align=True)
    assert made.names is not None
    assert made.names[: len(core)] == shared.names
    assert all(made[name] == shared[name] for name in shared.names or ())


def test_a_side_has_room_for_every_bit() -> None:
    side = np.zeros(1, tracking.SIDE)[0]
    for bit in bits().values():
        side["bits"] |= bit
    assert int(side["bits"]) == sum(bits().values())


def test_never_is_before_every_time() -> None:
    assert np.iinfo("i8").min == tcp_state.NEVER
