"""Which interfaces there are, and what is said of one that is not."""

from __future__ import annotations

import pytest
from capture_stage import namespace

from auditor.capture.interfaces import ANY, check_interfaces, present
from auditor.errors import CaptureError


def test_the_interfaces_are_those_of_this_network_namespace() -> None:
    with namespace():
        assert sorted(present()) == ["bas0", "bas1", "lo"]
        check_interfaces(("bas0", "lo", ANY))


def test_one_that_is_not_there_is_named_with_those_that_are() -> None:
    with namespace(), pytest.raises(CaptureError) as caught:
        check_interfaces(("lo", "eth99"))
    said = str(caught.value)
    assert said.startswith("There is no interface 'eth99' here: choose among lo, ")
    assert said.endswith(", any.")
