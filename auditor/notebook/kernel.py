"""The kernel that runs a review: this Python, with nothing of the directory that it works in."""

from __future__ import annotations

import sys
from typing import Any


def kernel_manager(folder: str) -> type[Any]:
    """Return the class of what starts and ends the kernel; its sockets lie in ``folder``, which
    nobody else may open: on TCP any user of this machine could listen.

    Jupyter would take the kernel called ``python3``, which may be any Python that the user once
    installed one for.
    """
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    class OneSpec(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> Any:
            del kernel_name
            return KernelSpec(argv=arguments(), display_name="Python 3", language="python")

    class ReviewKernel(AsyncKernelManager):
        def __init__(self, **how: Any) -> None:
            super().__init__(
                **how,
                transport="ipc",
                ip=f"{folder}/kernel",
                connection_file=f"{folder}/connection.json",
                kernel_spec_manager=OneSpec(),
            )

    return ReviewKernel


def arguments() -> list[str]:
    """Return the command line of the kernel, ``{connection_file}`` to be filled in.

    IPython would import modules from the current directory before those that are installed, where
    captures come from anywhere, and keep a history of what was run.
    """
    return [
        sys.executable,
        "-P",
        "-m",
        "ipykernel_launcher",
        "-f",
        "{connection_file}",
        "--InteractiveShellApp.ignore_cwd=True",
        "--HistoryManager.enabled=False",
    ]
