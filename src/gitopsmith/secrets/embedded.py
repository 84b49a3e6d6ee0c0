"""Reads the names and values in a text that is itself written in a format: JSON, YAML, properties, INI, .env, XML.

Lines are read and not whole files, since what stands in a ConfigMap or a Secret is as often a template or a script. A
value that only code could be, such as a call, is none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from gitopsmith.finding import Route
from gitopsmith.manifest import get, scalars
from gitopsmith.secrets.names import is_secret_name
from gitopsmith.secrets.shapes import entropy, is_harmless, is_strong

_LONGEST = 1_000_000
_TELLING = r"(?i)pass|pwd|secret|token|key|credential"
_NAME = r"[A-Za-z_][\w./-]{0,80}"
_QUOTED = r"\"[^\"\n]*\"|'[^'\n]*'"
_LINE = rf"(?m)^[ \t]*(?:export[ \t]+|-[ \t]+)?[\"']?({_NAME})[\"']?[ \t]*(?:=|:(?=[ \t\"']))[ \t]*({_QUOTED}|[^\n]*)"
_PROPERTY = r"(?m)^[ \t]*([A-Za-z_](?:[\w./#*\\:-]|\"[^\"\n]{0,200}\"){0,80})[ \t]*=[ \t]*([^\n]*)"
"""A property whose name has quotes or wildcards in it, as those of ActiveMQ have."""
_PAIR = rf"\bname:[ \t]*[\"']?({_NAME})[\"']?[ \t]*\r?\n[ \t]*value:[ \t]*({_QUOTED}|[^\n]*)"
_ASSIGNED = rf"(?<![\w.=-])-{{0,2}}({_NAME})=({_QUOTED}|[^\s;&|,\"']+)"
_OPTION = rf"(?<!\S)--?({_NAME})[ \t]+({_QUOTED}|[^\s;&|\"'-]\S*)"
_ELEMENT = rf"<({_NAME})>([^<>\n]{{1,200}})</"
_NO_LITERAL = r"[\s()\[\]{}<>`,;\\]|\A\$"
_OPAQUE = 20
"""From this length on a random value in a text needs no telling name to be taken for a secret."""


def fields(text: str) -> Iterator[tuple[str, str]]:
    """Yields (name, value) of all that a text assigns, as far as its format is known; quotes are taken away."""
    if len(text) > _LONGEST:
        return
    found = _json(text)
    if found is not None:
        yield from found
        return
    patterns = (_LINE, _PROPERTY, _PAIR, _ELEMENT) if "\n" in text else (_LINE, _PROPERTY, _ELEMENT)
    for pattern in (*patterns, _ASSIGNED, _OPTION):
        for match in re.finditer(pattern, text):
            yield match[1], _bare(match[2])


def inside(text: str) -> str:
    """Returns the name under which a text holds a random value, where that name says that it is a credential."""
    if not re.search(_TELLING, text):
        return ""
    return next((name for name, value in fields(text) if is_secret_name(name) and _is_credential(value)), "")


def is_configuration(text: str) -> bool:
    """Tells whether a text assigns values, and none of them is a secret, not even a word under a telling name."""
    found = list(fields(text))
    return (bool(found) or _json(text) == []) and not any(
        not is_harmless(value) and not _is_setting(value) if is_secret_name(name) else _is_opaque(value)
        for name, value in found
    )


def named(body: Any) -> Iterator[tuple[Route, str, str]]:
    """Yields each text of a body with its route and its name: its key, or what stands beside it as ``name``."""
    for route, value in scalars(body):
        if isinstance(value, str) and route:
            beside = get(body, *route[:-1], "name") if route[-1] in {"value", "string"} else None
            yield route, str(beside or route[-1]), value


def options(arguments: Iterable[Any]) -> Iterator[tuple[int, str, str]]:
    """Yields (index, name, value) of what a command line gives as two arguments, ``--password`` and its value."""
    before = ""
    for index, argument in enumerate(arguments):
        if isinstance(argument, str) and re.fullmatch(rf"--?{_NAME}", before) and not argument.startswith("-"):
            yield index, before.lstrip("-"), argument
        before = argument if isinstance(argument, str) else ""


def _json(text: str) -> list[tuple[str, str]] | None:
    """Returns what a JSON text holds, None where it is none."""
    if text.lstrip()[:1] not in {"{", "["}:
        return None
    try:
        body = json.loads(text)
        return [(name, value) for _, name, value in named(body)]
    except (ValueError, RecursionError):
        return None


def _bare(value: str) -> str:
    """Returns a value without its quotes, or without the comma or comment that stands behind it."""
    value = value.strip()
    if value[:1] in {'"', "'"}:
        return value.strip("\"'")
    return value.partition(" #")[0].rstrip(" \t,")


def _is_credential(value: str) -> bool:
    return _is_literal(value) and not is_harmless(value) and is_strong(value)


def _is_literal(value: str) -> bool:
    """Tells whether a value could be a credential at all in a text that may be code: it has a digit and no brackets."""
    return any(map(str.isdigit, value)) and not re.search(_NO_LITERAL, value)


def _is_setting(value: str) -> bool:
    """Tells whether a value is a number, a list or a map: what a key such as ``tokens:`` begins."""
    return re.fullmatch(r"[\d.,:]*[smhd]?|[\[{|>].*", value) is not None


def _is_opaque(value: str) -> bool:
    return len(value) >= _OPAQUE and entropy(value) > 3.5 and _is_credential(value)
