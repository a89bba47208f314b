"""A notebook as one page of what it shows: nothing is fetched, no script runs, no code is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.errors import ReportError, install_command
from auditor.version import __version__

if TYPE_CHECKING:
    from nbformat import NotebookNode

_HEAD = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="generator" content="bareos-audit {version}">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
img-src data:">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ margin: 2rem auto; max-width: 66rem; padding: 0 1.5rem; background: #fff; color: #1d2228;
  font: 1rem/1.55 system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; }}
h2 {{ margin-top: 2.5rem; border-top: 1px solid #d8dbdf; padding-top: 1.2rem; }}
.jp-OutputArea-output, div {{ overflow-x: auto; }}
.anchor-link, style {{ display: none; }}
table, th, td {{ border: 0; border-collapse: collapse; font-size: .875rem; }}
th, td {{ border-bottom: 1px solid #d8dbdf; padding: .3rem .7rem; text-align: left !important;
  vertical-align: top; overflow-wrap: break-word; }}
td {{ max-width: 34rem; }}
thead th {{ border-bottom-color: #69717b; }} tbody th {{ color: #565e68; font-weight: 500; }}
img {{ max-width: 100%; }}
pre {{ font: .8125rem/1.5 ui-monospace, "DejaVu Sans Mono", monospace; white-space: pre-wrap; }}
dt {{ font-weight: 600; }} dd {{ margin: 0 0 .4rem 1.2rem; }}
@media print {{ body {{ margin: 0; max-width: none; }} tr, img {{ break-inside: avoid; }} }}
</style>
</head>
<body>
<main>
"""


def page(notebook: NotebookNode, title: str) -> str:
    """Return the page. Raises ReportError where the extra ``notebook`` is not installed."""
    try:
        from nbconvert.exporters import HTMLExporter
    except ImportError as error:
        raise ReportError(
            f"{error.name} is not installed, which writes the page: install it with "
            f"{install_command('bareos-audit[notebook]')}, or name the file .ipynb."
        ) from None
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="basic",
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    body, _ = exporter.from_notebook_node(notebook)
    return f"{_HEAD.format(version=__version__, title=title)}{body}\n</main>\n</body>\n</html>\n"
