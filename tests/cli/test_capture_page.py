"""Live capture with a page as its report: the recorder has given up its rights when it makes it."""

from __future__ import annotations

import signal
from pathlib import Path

from livenet import configuration, ordering, running
from netns import join, namespaces, need, why_no_bpf
from pages import parsed, rows_of


def test_a_confined_recorder_writes_a_whole_page(tmp_path: Path) -> None:
    need(why_no_bpf())
    config, page = configuration(tmp_path / "config"), tmp_path / "page.html"
    with namespaces(2) as pair:
        join(*pair)
        arguments = ("capture", "wire0", "-c", config, "-f", "html", "-o", page)
        with running(pair[0], *arguments) as program, ordering(*pair, idle=60, interval=60):
            program.wait_for("dir → sd1")
            code, _, said = program.end(signal.SIGTERM)
    assert (code, "Traceback" in said) == (0, False), said
    written = parsed(page.read_text(encoding="utf-8"))
    assert len(written.find("g", of_class="arrow")) == 13
    assert [row[0] for row in rows_of(written, "connections")] == ["5a"]
    assert len(rows_of(written, "edges")) == 1
    assert "atplotlib" not in said
