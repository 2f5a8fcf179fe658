"""Read YAML strictly: every value with its line; nothing guessed, nothing executed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sim.base.errors import ContentError, UsageError, nearest

Path_ = tuple[str | int, ...]
"""Where a value stands in a YAML file: the keys and list positions that lead to it."""


@dataclass
class YamlFile:
    """A YAML document read strictly: its content and the line of every key and item."""

    path: Path
    data: Any
    lines: dict[Path_, int] = field(default_factory=dict)

    def line(self, *where: str | int) -> int | None:
        """Line (from 1) of the value at ``where``, or of the nearest enclosing one."""
        path: Path_ = tuple(where)
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)

    def error(self, message: str, *where: str | int) -> ContentError:
        """A ContentError that points at ``where``; raise it."""
        return ContentError(message, self.path, self.line(*where))

    def check_keys(
        self, mapping: Any, allowed: set[str], required: set[str], *where: str | int
    ) -> None:
        """Raise unless ``mapping`` is a mapping with the required and only the allowed keys."""
        name = ".".join(str(w) for w in where) or "the file"
        if not isinstance(mapping, dict):
            found = {type(None): "nothing", list: "a list", str: f"'{mapping}'"}
            what = found.get(type(mapping), str(mapping))
            raise self.error(f"{name}: expected keys and values, found {what}", *where)
        for key in mapping:
            if str(key) not in allowed:
                hint = nearest(str(key), allowed) or f" (one of {', '.join(sorted(allowed))})"
                raise self.error(f"{name}: unknown key '{key}'{hint}", *where, key)
        missing = sorted(required - {str(k) for k in mapping})
        if missing:
            raise self.error(f"{name}: missing {', '.join(missing)}", *where)


class _Loader(yaml.SafeLoader):
    """SafeLoader that keeps dates and yes/no as text, and refuses aliases (YAML bombs) and tags.

    Numbers are those of YAML 1.2: ``1e-3`` is a number; ``010``, ``1_000`` and ``1:30`` are text.
    """

    most_nodes: int | None = None
    nodes = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose one node; refuse an alias or a tag where it stands."""
        event = self.peek_event()
        for wrong, what in (
            (isinstance(event, yaml.AliasEvent), "aliases (*name)"),
            (getattr(event, "tag", None) is not None, "tags (!name)"),
            (self.most_nodes is not None and self.nodes >= self.most_nodes, "so many values"),
        ):
            if wrong:
                problem = f"{what} are not allowed"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
        self.nodes += 1
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, regexp)
        for tag, regexp in resolvers
        if tag.rpartition(":")[2] not in ("timestamp", "bool", "int", "float")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _tag, _pattern in (
    ("int", r"[-+]?(?:0|[1-9][0-9]*)"),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
    ),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})$"), list("-+.0123456789")
    )
_BOOL = {"true": True, "false": False}


def _convert(loader: _Loader, node: yaml.Node, where: Path_, out: YamlFile) -> Any:
    out.lines[where] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        mapping: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise ContentError("a key must be text", out.path, key_node.start_mark.line + 1)
            key = str(key_node.value)
            if key in mapping:
                raise ContentError(f"duplicate key '{key}'", out.path, key_node.start_mark.line + 1)
            mapping[key] = _convert(loader, value_node, (*where, key), out)
            out.lines[(*where, key)] = key_node.start_mark.line + 1
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_convert(loader, item, (*where, i), out) for i, item in enumerate(node.value)]
    if isinstance(node, yaml.ScalarNode) and node.style is None and node.value in _BOOL:
        return _BOOL[node.value]
    try:
        value = loader.construct_object(node, deep=True)
    except ValueError:  # Python converts no number of thousands of digits
        line = node.start_mark.line + 1
        raise ContentError("a number has too many digits", out.path, line) from None
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        raise ContentError("a number must be finite", out.path, node.start_mark.line + 1)
    return value


def read_yaml(path: Path | str) -> YamlFile:
    """Read one YAML file strictly. Keys are always text; ``2024-04`` and dates stay text.

    Raises UsageError if the file does not exist, ContentError (with the line) for broken YAML, a
    duplicate key, an alias, a tag, a number that is not finite, or an empty file.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"file not found: {path}") from None
    except IsADirectoryError:
        raise UsageError(f"{path} is a folder, not a file") from None
    except UnicodeDecodeError:
        raise ContentError("the file is not UTF-8 text", path) from None
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from None
    return parse_yaml(text, path)


def parse_yaml(text: str, path: Path | str, most_nodes: int | None = None) -> YamlFile:
    """What ``read_yaml`` makes of a text; ``path`` is the name that errors give.

    ``most_nodes``: keys and values that it may have (a second reads some tens of thousands).
    """
    path = Path(path)
    loader = None
    try:
        loader = _Loader(text)
        loader.most_nodes = most_nodes
        node = loader.get_single_node()
        if node is None:
            raise ContentError("the file is empty", path)
        out = YamlFile(path, None)
        out.data = _convert(loader, node, (), out)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else None
        problem = error.problem or error.context or "cannot be read"
        if "mapping values are not allowed" in problem:
            problem += " (a text that holds ': ' needs quotes)"
        raise ContentError(f"not valid YAML: {problem}", path, line) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ContentError(f"not valid YAML: {error.reason}", path, line) from None
    except yaml.YAMLError as error:
        raise ContentError(f"not valid YAML: {error}", path) from None
    except RecursionError:
        raise ContentError("not valid YAML: nested too deeply", path) from None
    finally:
        if loader is not None:
            loader.dispose()
    return out
