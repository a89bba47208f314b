"""Links machine code into this process: by ourselves where that is enough, else by LLVM."""

from __future__ import annotations

from functools import cache
from typing import Any

from auditor.kernels.elf import UnknownObjectError, link_elf


def link(code: bytes, symbol: str) -> int:
    """Link object code, for this processor and trusted; return the address of a function in it."""
    try:
        return link_elf(code, symbol)
    except (UnknownObjectError, OSError):
        return link_by_llvm(code, symbol)


def link_by_llvm(code: bytes, symbol: str) -> int:
    """Do the same with LLVM's linker, which knows all that its compiler makes."""
    import llvmlite.binding as llvm

    engine = _engine()
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    address = engine.get_function_address(symbol)
    assert address, f"no symbol {symbol}"
    return int(address)


@cache
def _engine() -> Any:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(codemodel="jitdefault")
    return llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
