"""Reads YAML that is written by hand: rules and site files. Anyone may have written them, so that
what YAML can grow or slow down by is refused: merge keys, tags, and aliases of aliases."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from auditor.errors import RuleError
from auditor.text.textfile import read_text

_MAX_YAML_BYTES = 1 << 20
#: The same where libyaml was not compiled in: Python alone reads a megabyte in half a minute.
_MAX_WITHOUT_LIBYAML = 1 << 17
#: Values of a file, an alias counted as all that it stands for. As many as a megabyte can hold.
_MAX_NODES = 600_000
#: Lists and mappings in one another; a rule nests two deep, a site file four.
_MAX_DEPTH = 32

_TAG = "tag:yaml.org,2002:"
_TEXT = f"{_TAG}str"
_MERGE = f"{_TAG}merge"
#: What a scalar may be; a list is a list, and a mapping a mapping.
_SCALARS = frozenset(_TAG + name for name in ("str", "int", "float", "bool", "null", "timestamp"))
#: Other spellings stay text, also inside of a tag: PyYAML raises what it likes for what they cannot
#: mean, and numbers in base 60 (12:30:45) take a time that grows with the square of their length.
_SPELLINGS = {
    f"{_TAG}int": re.compile(r"[-+]?\d{1,18}", re.ASCII),
    f"{_TAG}float": re.compile(r"[-+]?\d{1,18}\.\d{1,18}", re.ASCII),
    f"{_TAG}bool": re.compile(r"yes|no|true|false|on|off", re.IGNORECASE | re.ASCII),
    f"{_TAG}timestamp": yaml.SafeLoader.timestamp_regexp,
}


#: Where in a file a value is: the keys, and the numbers of items, that lead to it.
Place = tuple[Any, ...]


def load_yaml(path: Path) -> Any:
    """Return the parsed YAML file (libyaml where present: it starts faster), or raise RuleError
    with file and line. A key that is given twice is a mistake, of which YAML takes the last."""
    return load_yaml_with_lines(path, None)


def load_yaml_with_lines(path: Path, lines: dict[Place, int] | None) -> Any:
    """Return what ``load_yaml`` does, and note in ``lines`` at which line of the file each value
    is: that of its key, or where an item of a list begins."""
    try:
        kind = getattr(yaml, "CSafeLoader", None)
        limit = _MAX_WITHOUT_LIBYAML if kind is None else _MAX_YAML_BYTES
        text = read_text(path, limit)
        _refuse_control_characters(text, path)
        loader = (kind or yaml.SafeLoader)(text)
        try:
            node = loader.get_single_node()
            _check(node)
            content = None if node is None else _construct(loader, node, path)
            if node is not None and lines is not None:
                _note_lines(node, content, (), lines)
            return content
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or getattr(error, "reason", "not valid YAML")
        raise RuleError(str(reason), str(path), mark.line + 1 if mark else 0) from None
    except OSError as error:
        raise RuleError(f"cannot be read: {error.strerror}", str(path)) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise RuleError("cannot be read as YAML in UTF-8", str(path), line) from None
    except (ValueError, RecursionError):
        raise RuleError("cannot be read as YAML in UTF-8", str(path)) from None


def _refuse_control_characters(text: str, path: Path) -> None:
    """Raise RuleError with the line, which libyaml does not tell of them."""
    found = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if found is not None:
        line = text.count("\n", 0, found.start()) + 1
        raise RuleError("control characters are not allowed", str(path), line)


def _note_lines(node: yaml.Node, content: Any, place: Place, lines: dict[Place, int]) -> None:
    """Note the lines of all that is in a node; ``content`` is what it was made of."""
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for number, (item, value) in enumerate(zip(node.value, content, strict=True)):
            _note_lines(item, value, (*place, number), lines)
    elif isinstance(node, yaml.MappingNode) and len(node.value) == len(content):
        # Keys that are spelled unlike and mean the same (1 and 1.0) are one; they have no lines.
        for (key, item), (name, value) in zip(node.value, content.items(), strict=True):
            lines[*place, name] = key.start_mark.line + 1
            _note_lines(item, value, (*place, name), lines)


def line_of(path: Path, key: str) -> int:
    """Return the line at which a file has a key of its uppermost mapping; 0: nowhere."""
    try:
        lines = read_text(path, _MAX_YAML_BYTES, "replace").splitlines()
    except OSError:
        return 0
    found = (number for number, line in enumerate(lines, 1) if line.startswith(f"{key}:"))
    return next(found, 0)


def _construct(loader: Any, node: yaml.Node, path: Path) -> Any:
    try:
        return loader.construct_document(node)
    except (ValueError, OverflowError) as error:  # of what was checked, only a date can be none
        reason = f"a date that no calendar has: {error}"
        raise RuleError(reason, str(path), _wrong_date(loader, node)) from None


def _wrong_date(loader: Any, root: yaml.Node) -> int:
    """Return the line of the first date that is none; 0: there is none."""
    todo = [root]
    while todo:
        node = todo.pop()
        if isinstance(node, yaml.ScalarNode) and node.tag == f"{_TAG}timestamp":
            try:
                loader.construct_yaml_timestamp(node)
            except (ValueError, OverflowError):
                return int(node.start_mark.line) + 1
        elif isinstance(node, yaml.SequenceNode):
            todo += reversed(node.value)
        elif isinstance(node, yaml.MappingNode):
            todo += [one for pair in reversed(node.value) for one in reversed(pair)]
    return 0


def _check(root: yaml.Node | None) -> None:
    """Raise for what is not read, and make text of what is not spelled as what it is to be."""
    todo = [(root, 1)] if root is not None else []
    count = 0
    while todo:
        node, depth = todo.pop()
        count += 1
        if count > _MAX_NODES or depth > _MAX_DEPTH:
            # An alias within itself nests without end.
            raise _wrong("too much: values, or aliases, nest too deeply or are too many", node)
        if isinstance(node, yaml.ScalarNode):
            _check_scalar(node)
        elif isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
            _check_keys(node)
            todo += [(one, depth + 1) for pair in node.value for one in pair]
        elif isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
            todo += [(one, depth + 1) for one in node.value]
        else:
            raise _tagged(node)


def _check_scalar(node: yaml.ScalarNode) -> None:
    if node.tag not in _SCALARS:
        raise _tagged(node)
    spelling = _SPELLINGS.get(node.tag)
    if spelling is not None and not spelling.fullmatch(node.value):
        node.tag = _TEXT


def _check_keys(node: yaml.MappingNode) -> None:
    seen = set[str]()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            continue
        if key.tag == _MERGE:
            raise _wrong("merge keys (<<) are not read: write out what they stand for", key)
        if key.value in seen:
            raise _wrong(f"{key.value[:80]} is given twice", key)
        seen.add(key.value)


def _tagged(node: yaml.Node) -> yaml.YAMLError:
    return _wrong(f"could not determine a constructor for the tag {node.tag[:80]!r}", node)


def _wrong(problem: str, node: yaml.Node) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
