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
    with file and line. A key that is given twice is a mistake, of which YAML takes the last."""
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(read_text(path, _MAX_YAML_BYTES))
        try:
            node = loader.get_single_node()
            _refuse_repeated_keys(node)
            return None if node is None else loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "not valid YAML"
        raise RuleError(str(reason), str(path), mark.line + 1 if mark else 0) from None
    except OSError as error:
        raise RuleError(f"cannot be read: {error.strerror}", str(path)) from None
    except (ValueError, RecursionError):
        raise RuleError("cannot be read as YAML in UTF-8", str(path)) from None


def _refuse_repeated_keys(root: yaml.Node | None) -> None:
    todo, seen = [root], set[int]()
    while todo:
        node = todo.pop()
        if not isinstance(node, yaml.CollectionNode) or id(node) in seen:
            continue
        seen.add(id(node))  # an alias stands for the same node, even within itself
        if isinstance(node, yaml.MappingNode):
            keys = set[str]()
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode) and key.value in keys:
                    problem = f"{key.value} is given twice"
                    raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
                keys.add(key.value if isinstance(key, yaml.ScalarNode) else "")
                todo += [key, value]
        else:
            todo += node.value
