"""The YAML files that come with the program: read once, and what they hold kept for the next run.

To import PyYAML and to read thirty small files with it takes as long as to judge a small capture.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from auditor.errors import RuleError
from auditor.outputs import kept_files
from auditor.text.textfile import read_text

#: No shipped file comes near it; one that somebody made larger is read every time.
_MAX_BYTES = 1 << 16
#: Changes when what is kept, or how a file is read, changes.
_FORMAT = "bareos-audit yaml 1"


def shipped_yaml(path: Path) -> Any:
    """Return what ``load_yaml`` returns of a shipped file, for reading only. Raises RuleError.

    All files of its folder are kept together, under the digest of their names and texts: an edit of
    one has them read again.
    """
    return _read_before(path.parent).get(path.name) or _loaded(path)


def _loaded(path: Path) -> Any:
    from auditor.text.yamlfile import load_yaml

    return load_yaml(path)


@cache
def _read_before(folder: Path) -> Mapping[str, Any]:
    """Return what the files of a folder hold, by name; what JSON cannot hold, or is wrong, is left
    out."""
    texts = {}
    for path in sorted(folder.glob("*.yaml")):
        with suppress(OSError, ValueError):
            texts[path.name] = read_text(path, _MAX_BYTES)
    place = kept_files.cache_directory()
    if place is None:
        return {}
    digest = sha256(repr((_FORMAT, texts)).encode()).hexdigest()
    file = place / f"{folder.name}-{digest[:32]}.json"
    kept = kept_files.read(file)
    if kept is None:
        contents = {name: content for name in texts if _is_json(content := _maybe(folder / name))}
        kept_files.write(file, json.dumps(contents).encode())
        return contents
    found: Mapping[str, Any] = json.loads(kept)
    return found


def _maybe(path: Path) -> Any:
    try:
        return _loaded(path)
    except RuleError:  # told to whoever asks for this file
        return None


def _is_json(content: Any) -> bool:
    """Tell whether it comes back from JSON as it was; dates and keys that are numbers do not."""
    try:
        return content is not None and bool(json.loads(json.dumps(content)) == content)
    except TypeError:
        return False
