"""The options that say who reads many captures: ``--jobs``, ``--dask``, ``--work``."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

import click

_OPTIONS = (
    click.option(
        "--jobs",
        type=click.IntRange(min=1),
        metavar="N",
        help="Have N processes of this machine thin the captures, a file each, and audit what they "
        "keep: the same findings, with counts of packets that are lower bounds.",
    ),
    click.option(
        "--dask",
        metavar="ADDRESS",
        help="Have a Dask cluster do so: the address of its scheduler, such as "
        "tcp://10.0.0.5:8786. The paths, or URLs, are read by its workers.",
    ),
    click.option(
        "--work",
        type=click.Path(),
        metavar="FOLDER",
        help="Keep what the captures came to in FOLDER, and do not read them again while they are "
        "as they were: a run that ended early is taken up there.",
    ),
)


def engine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command that reads ``captures`` the options; it gets them as ``engine``, what
    ``auditor.audit`` takes, and ``work``."""

    @wraps(command)
    def with_engine(*arguments: Any, jobs: int | None, dask: str | None, **known: Any) -> Any:
        if jobs is not None and dask is not None:
            raise click.UsageError("--jobs and --dask exclude each other: name one of them.")
        engine = dask if jobs is None else jobs
        asked = engine is not None or known["work"] is not None
        if asked and "-" in known["captures"]:
            raise click.UsageError(
                "standard input (-) cannot be given to others: leave out --jobs, --dask and --work."
            )
        if asked and known.get("follow"):
            raise click.UsageError("--follow reads one capture here: leave out --jobs and --dask.")
        if dask is not None:
            _quiet()
        return command(*arguments, engine=engine, **known)

    for option in reversed(_OPTIONS):
        with_engine = option(with_engine)
    return with_engine


def _quiet() -> None:
    """Let Dask log nothing: what went wrong is said in sentences, once."""
    import logging

    with suppress(ModuleNotFoundError):  # whoever needs it says so
        import distributed  # noqa: F401 - it sets its loggers up
    for name in logging.root.manager.loggerDict:
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL)
