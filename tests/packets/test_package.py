"""What the package offers by name, without loading numpy for whoever asks for none of it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from paths import ROOT

from auditor import packets


@pytest.mark.parametrize("name", packets.__all__)
def test_each_name_is_what_its_module_defines(name):
    found = getattr(packets, name)
    assert vars(sys.modules[f"auditor.packets.{packets._HOMES[name]}"])[name] is found


def test_any_other_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"'auditor\.packets' has no attribute 'Reader'"):
        _ = packets.Reader
    assert not hasattr(packets, "nothing")


def test_comments_can_be_read_before_numpy_starts_threads():
    code = "import sys, auditor.packets.pcapng_comments; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
