"""The security review, run on somebody's own files: as a notebook, or as a page of what it shows.

The notebook is ``notebooks/security-review.ipynb``. What the user gives goes into its cell of
parameters as literals of Python and never as code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from auditor import errors
from auditor.errors import BareosAuditError, ReportError, install_command

if TYPE_CHECKING:
    from nbformat import NotebookNode

_NAME = "security-review.ipynb"
#: The cell that the parameters go into, by the tag that papermill has for it too.
_TAG = "parameters"
#: Seconds that one cell may take: an audit of a large capture is one cell.
_LONGEST = 24 * 3600
_MISSING = "{} is not installed, which runs the review: install it with {}."
#: What tells at the end what the audit came to; nobody sees this cell.
_LAST = "print(audit.verdict, audit.severity or '-', audit.blind, audit.open)"

#: What a literal is made of.
Plain = str | int | float | bool | None | Sequence["Plain"] | Mapping[str, "Plain"]


class ReviewFormat(StrEnum):
    """How a review is written."""

    HTML = "html"
    """What it shows, without its code, to read and sign."""
    IPYNB = "ipynb"
    """The notebook itself, outputs included, to go on with."""


class Review(NamedTuple):
    """A review that has been run."""

    notebook: NotebookNode
    severity: str
    """Of what failed: the worst; empty: nothing did."""
    unknown: bool
    """There was nothing to judge, or something grave could not be decided."""


def run_review(captures: Sequence[str], options: Mapping[str, Plain]) -> Review:
    """Run the review in a kernel of its own, in the current directory.

    ``options`` are those of ``auditor.audit``. Raises what the audit raises, and ReportError where
    the extra ``notebook`` is not installed or a cell fails.
    """
    try:
        import ipykernel  # noqa: F401
        import nbclient
        import nbformat
    except ImportError as error:
        how = install_command("bareos-audit[notebook]")
        raise ReportError(_MISSING.format(error.name, how)) from None
    from auditor.notebook.described import describe
    from auditor.notebook.kernel import kernel_manager

    notebook = nbformat.read(_template(), as_version=4)  # type: ignore[no-untyped-call]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if _TAG in cell.metadata.get("tags", ()):
            cell.source = parameters(captures, options)
    last = nbformat.v4.new_code_cell(_LAST)  # type: ignore[no-untyped-call]
    notebook.cells.append(last)
    try:
        with TemporaryDirectory(prefix="bareos-audit-") as folder:
            client = nbclient.NotebookClient(
                notebook,
                kernel_manager_class=kernel_manager(folder),
                kernel_name="python3",
                timeout=_LONGEST,
                record_timing=False,
            )
            client.execute()
    except nbclient.exceptions.CellExecutionError as error:
        raise _told(error.ename, error.evalue) from None
    except nbclient.exceptions.DeadKernelError:
        raise ReportError("the review ended in its middle: its kernel died.") from None
    _, severity, blind, undecided = notebook.cells.pop().outputs[0].text.split()
    describe(notebook)
    worst = "" if severity == "-" else severity
    return Review(notebook, worst, blind == "True" or undecided != "0")


def as_text(review: Review) -> str:
    """Return the notebook as its file holds it, the version of Python left out."""
    import nbformat

    review.notebook.metadata["language_info"] = {"name": "python"}
    return f"{nbformat.writes(review.notebook)}\n"  # type: ignore[no-untyped-call]


def parameters(captures: Sequence[str], options: Mapping[str, Plain]) -> str:
    """Return the source of the cell of parameters. Raises TypeError for what is no plain value."""
    return f"captures = {_literal([*captures])}\noptions = {_literal(options)}"


def _literal(value: Plain) -> str:
    """Return a literal that Python reads back equal. Subclasses are refused: they say themselves
    what their ``repr`` is."""
    if value is None or type(value) in (str, int, float, bool):
        return repr(value)
    if isinstance(value, Mapping):
        pairs = (f"{_literal(str(key))}: {_literal(one)}" for key, one in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_literal, value))}]"
    raise TypeError(f"{type(value).__name__} is no plain value")


def _template() -> Path:
    """Return the notebook, which a wheel has within the package."""
    package = Path(__file__).parents[1]
    for candidate in (package / "_notebooks" / _NAME, package.parent / "notebooks" / _NAME):
        if candidate.is_file():
            return candidate
    raise ReportError("the notebook is missing; install bareos-audit again.")


def _told(kind: str, sentence: str) -> BareosAuditError:
    """Return what the kernel raised, as it would have been raised here."""
    known: Any = getattr(errors, kind, None)
    if isinstance(known, type) and issubclass(known, BareosAuditError):
        return ReportError(sentence)
    return ReportError(f"a cell of the review failed: {kind}: {sentence}")
