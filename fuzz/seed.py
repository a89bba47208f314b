"""``python -m fuzz.seed``: writes the seeds of every target to ``corpus/``, each once."""

from __future__ import annotations

import hashlib
from importlib import import_module

from fuzz.__main__ import HERE, TARGETS


def main() -> None:
    """Write them under their digest, as libFuzzer does."""
    for target in TARGETS:
        folder = HERE / "corpus" / target
        folder.mkdir(parents=True, exist_ok=True)
        for seed in import_module(f"fuzz.targets.{target}").seeds():
            (folder / hashlib.sha1(seed).hexdigest()).write_bytes(seed)


if __name__ == "__main__":
    main()
