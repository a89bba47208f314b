"""Reads YAML that is written by hand: rules and site files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from auditor.errors import RuleError
from auditor.text.textfile import read_text

_MAX_YAML_BYTES = 1 << 20


def load_yaml(path: Path) -> Any:
    """Return the parsed YAML file (libyaml where present: it starts faster), or raise RuleError
    with file and line."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(read_text(path, _MAX_YAML_BYTES), Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "not valid YAML"
        raise RuleError(str(reason), str(path), mark.line + 1 if mark else 0) from None
    except OSError as error:
        raise RuleError(f"cannot be read: {error.strerror}", str(path)) from None
    except (ValueError, RecursionError):
        raise RuleError("cannot be read as YAML in UTF-8", str(path)) from None
