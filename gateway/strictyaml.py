"""YAML without surprises: the OpenAPI document and the policies are read through here.

Read at start and at reload only, never during a request. What comes out is JSON: `dict`, `list`,
`str`, `int`, `float`, `bool`, `None`, and keys are strings. Refused, all at once and by line:

- a key twice in one mapping (PyYAML lets the last one win);
- anchors, aliases and merge keys: what a line says must stand on that line;
- plain words that YAML 1.1 and 1.2 read differently (`on`, `yes`, `0777`, `12:30`, dates): the
  document is also read by other programs, and a policy must mean one thing to all of them;
- tags (`!!set`, `!python/…`) and numbers that JSON lacks (`.nan`, `.inf`);
- lists and mappings more than `MAX_DEPTH` deep.

It must not know what the files mean: `gateway.spec` and `gateway.policy.grammar` do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from yaml.reader import Reader

from gateway.errors import ConfigError, Finding

# libyaml's, where PyYAML has it, as in all its wheels: the same data in far less time.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MAX_DEPTH = 60  # lists and mappings within each other

_TAG = "tag:yaml.org,2002:"
_JSON_TAGS = frozenset(
    _TAG + kind for kind in ("str", "int", "float", "bool", "null", "seq", "map")
)

# The plain words that both YAML versions and JSON read alike, for each tag that YAML 1.1 gives.
_UNAMBIGUOUS = {
    _TAG + "bool": re.compile(r"true|false"),
    _TAG + "int": re.compile(r"-?(0|[1-9][0-9]*)"),
    _TAG + "float": re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+([eE][-+][0-9]+)?"),
    _TAG + "null": re.compile(r"null|~|"),
}
# Plain words that are text in YAML 1.1, which PyYAML reads, and numbers in YAML 1.2.
_NUMBER_OF_YAML_1_2 = re.compile(
    r"[-+]?([0-9]+|[0-9]*\.[0-9]+|[0-9]+\.)([eE][-+]?[0-9]+)?|0o[0-7]+"
)


@dataclass(frozen=True, slots=True)
class YamlFile:
    """One file's data, with the line of everything in it.

    Attributes:
        path: as it was given, for messages.
        text: the file as it was read.
        data: plain JSON data; None for an empty file.
        lines: 1-based line by JSON pointer (RFC 6901; "" is the whole file). An entry of a mapping
            has the line of its key.
    """

    path: Path
    text: str
    data: Any
    lines: Mapping[str, int]

    def line_of(self, pointer: str) -> int | None:
        """Return the line of what *pointer* names, or of its nearest parent that exists."""
        while pointer not in self.lines and pointer:
            pointer = pointer.rpartition("/")[0]
        return self.lines.get(pointer)

    def finding(self, pointer: str, message: str) -> Finding:
        """Return *message* as a finding at the line of *pointer*."""
        return Finding(message, self.path, self.line_of(pointer))


def pointer(*tokens: str | int) -> str:
    """Return the JSON pointer of *tokens*: `pointer("paths", "/a") == "/paths/~1a"`."""
    return "".join(f"/{str(token).replace('~', '~0').replace('/', '~1')}" for token in tokens)


def tokens_of(json_pointer: str) -> tuple[str, ...]:
    """Return the tokens of a JSON pointer: the inverse of `pointer`."""
    return tuple(
        token.replace("~1", "/").replace("~0", "~") for token in json_pointer.split("/")[1:]
    )


def load(path: Path) -> YamlFile:
    """Read the file at *path*.

    Raises:
        ConfigError: it cannot be read, is not UTF-8, is not YAML, or is refused (see above).
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(Finding(f"cannot be read: {error.strerror}", path)) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(Finding("is not UTF-8; save it as UTF-8", path, line)) from error
    return parse(text, path)


def parse(text: str, path: Path) -> YamlFile:
    """Read *text*; *path* is only named in messages. Raises as `load`."""
    if (forbidden := Reader.NON_PRINTABLE.search(text)) is not None:
        line = text.count("\n", 0, forbidden.start()) + 1
        message = f"has the character U+{ord(forbidden[0]):04X}, which YAML forbids; remove it"
        raise ConfigError(Finding(message, path, line))
    try:
        _refuse_before_composing(text)
        loader = _Loader(text)
        root = loader.get_single_node()
        findings = [Finding(message, path, line) for message, line in _refusals(root)]
        if findings:
            raise ConfigError(*findings)
        data = None if root is None else loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        raise ConfigError(_syntax_finding(error, path)) from error
    lines = {} if root is None else dict(_lines(root))
    return YamlFile(path, text, data, MappingProxyType(lines))


class _RefusedError(yaml.MarkedYAMLError):
    """YAML that is refused here; its `problem` is the whole message."""

    def __init__(self, event: yaml.Event, problem: str) -> None:
        super().__init__(problem=problem, problem_mark=event.start_mark)  # type: ignore[arg-type]


def _refuse_before_composing(text: str) -> None:
    """Return if *text* has no anchors and aliases, which cannot be seen later, and no great depth.

    What follows calls itself for what is within; a crash would take a running server with it.
    """
    depth = 0
    for event in yaml.parse(text, _Loader):
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            message = f"`{sign}{anchor}`: anchors and aliases are refused; write the value out"
            raise _RefusedError(event, message)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise _RefusedError(event, f"is nested more than {MAX_DEPTH} deep; make it flatter")


def _syntax_finding(error: yaml.MarkedYAMLError, path: Path) -> Finding:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else None
    if isinstance(error, _RefusedError):
        return Finding(f"{error.problem}", path, line)
    message = " ".join(part for part in (error.context, error.problem) if part)
    return Finding(f"is not YAML: {message}", path, line)


def _refusals(node: yaml.Node | None) -> Iterator[tuple[str, int]]:
    """Yield (message, line) of everything under *node* that is YAML but refused here."""
    if isinstance(node, yaml.ScalarNode):
        yield from _scalar_refusals(node)
    elif node is not None and node.tag not in _JSON_TAGS:
        yield f"tag `{node.tag}` is refused; write plain YAML", _line(node)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _refusals(item)
    elif isinstance(node, yaml.MappingNode):
        yield from _key_refusals(node)
        for _, value in node.value:
            yield from _refusals(value)


def _key_refusals(node: yaml.MappingNode) -> Iterator[tuple[str, int]]:
    first_line: dict[str, int] = {}
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            yield "a key must be a string, not a list or a mapping", _line(key)
        elif key.tag == _TAG + "merge":
            yield "merge key `<<` is refused; write the entries out", _line(key)
        elif key.tag != _TAG + "str":
            yield f"key `{key.value}` must be a string; quote it", _line(key)
        elif key.value in first_line:
            first = first_line[key.value]
            yield f"key `{key.value}` stands twice, first in line {first}; keep one", _line(key)
        else:
            first_line[key.value] = _line(key)


def _scalar_refusals(node: yaml.ScalarNode) -> Iterator[tuple[str, int]]:
    plain = _UNAMBIGUOUS.get(node.tag)
    if node.tag == _TAG + "str":
        if not node.style and _NUMBER_OF_YAML_1_2.fullmatch(node.value):
            yield f"`{node.value}` does not read alike in all YAML versions; quote it", _line(node)
    elif plain is None and not node.tag.startswith(_TAG):
        yield f"tag `{node.tag}` is refused; write plain YAML", _line(node)
    elif plain is None or not plain.fullmatch(node.value):
        yield f"`{node.value}` does not read alike in all YAML versions; quote it", _line(node)


def _lines(node: yaml.Node, at: str = "", line: int | None = None) -> Iterator[tuple[str, int]]:
    yield at, line or _line(node)
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _lines(item, at + pointer(index))
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _lines(value, at + pointer(key.value), _line(key))


def _line(node: yaml.Node) -> int:
    line: int = node.start_mark.line
    return line + 1
