"""How new values are written: by ruamel.yaml, in quotes wherever Kubernetes would take a bare word for another type."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Collection
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString, SingleQuotedScalarString

from gitopsmith import documents
from gitopsmith.manifest import get

_INDENT = 2
_BLOCK, _FLOW = "- {}", "[{}]"
_KEYS = {_BLOCK: "{}: x", _FLOW: "{{{}: x}}"}
# A block of text keeps neither spaces at the end of a line for the reader to see, nor characters that must be escaped.
_BLOCK_OF_TEXT = re.compile(r"(?!\s)(?:(?:[^\n]*[^\s])?\n)+\Z")


def in_flow(value: Any, quote: str = "") -> str:
    """Writes a value on one line, so that it may stand between brackets."""
    return pair_in_flow("x", value, quote).removeprefix("x:").lstrip()


def pair_in_flow(key: str, value: Any, quote: str = "") -> str:
    """Writes a key and its value on one line, so that they may stand between braces."""
    return _dump({_prepared(key, _KEYS[_FLOW], ""): _prepared(value, _FLOW, quote)}, flow=True)[1:-1]


def scalar(value: Any, quote: str = "") -> str:
    """Writes a scalar on one line, so that it may stand outside of brackets; ``quote`` is what is liked around it."""
    if isinstance(value, str) and "\n" in value:
        quote = '"'
    return _dump([_prepared(value, _BLOCK, quote)])[2:]


def entry(key: str, value: Any, column: int, offset: int) -> list[str]:
    """Writes a key and its value as lines that begin at a column; dashes stand ``offset`` to the right of their key."""
    body = {_prepared(key, _KEYS[_BLOCK], ""): _prepared(value, _BLOCK, "")}
    return _indented(_dump(body, offset), column)


def item(value: Any, column: int, offset: int, *, quote: str = "", in_brackets: Collection[str] = ()) -> list[str]:
    """Writes an item of a list as lines whose dash stands at a column; below the keys ``in_brackets``, on one line."""
    prepared = _prepared(value, _BLOCK, quote)
    for key in in_brackets:
        if isinstance(get(value, key), dict | list):
            prepared[key] = _on_one_line(value[key])
    return _indented(_dump([prepared], offset), column)


def _on_one_line(value: Any) -> Any:
    kind = CommentedMap if isinstance(value, dict) else CommentedSeq
    styled = kind(_prepared(value, _FLOW, ""))
    styled.fa.set_flow_style()
    return styled


def _indented(text: str, column: int) -> list[str]:
    return [f"{' ' * column}{line}" if line else "" for line in text.split("\n")]


def _dump(value: Any, offset: int = 0, *, flow: bool = False) -> str:
    writer = YAML()
    writer.default_flow_style = flow
    writer.width = sys.maxsize
    writer.indent(mapping=_INDENT, sequence=_INDENT + offset, offset=offset)
    stream = io.StringIO()
    writer.dump(value, stream)
    shift = offset if isinstance(value, list) and not flow else 0  # ruamel.yaml moves the outermost list as well
    return "\n".join(line[shift:] for line in stream.getvalue().rstrip("\n").split("\n"))


def _prepared(value: Any, context: str, quote: str) -> Any:
    """Returns a value whose words all have the quotes that they need where they will stand."""
    if isinstance(value, dict):
        return {_prepared(key, _KEYS[context], ""): _prepared(inner, context, "") for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_prepared(inner, context, "") for inner in value]
    if not isinstance(value, str):
        return value
    if context == _BLOCK and not quote and _BLOCK_OF_TEXT.match(value):
        return LiteralScalarString(value)
    if quote == "'" and value.isprintable():
        return SingleQuotedScalarString(value)
    return DoubleQuotedScalarString(value) if quote or not _is_plain(value, context) else value


def _is_plain(word: str, context: str) -> bool:
    """Tells whether Kubernetes reads a word without quotes as just this text."""
    if not word.isprintable():
        return False
    body = documents.load(context.format(word))
    return bool(body == ({word: "x"} if context in _KEYS.values() else [word]))
