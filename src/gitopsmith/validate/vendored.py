"""Reads the vendored schemas: lazily, one file per Kubernetes minor and one or two per group of custom kinds.

A file is zlib over lines ``name TAB value``. A value is a JSON Schema whose references go to ``#/definitions/<name>``,
meaning other lines, or, under a name ``apiVersion kind``, possibly the name of the line that holds the schema. So a
schema is put together from strings, and nothing is parsed but what is asked for.
"""

from __future__ import annotations

import functools
import re
import zlib
from pathlib import Path

from gitopsmith.content import SCHEMAS

DRAFT = "http://json-schema.org/draft-07/schema#"
_REFERENCE = re.compile(r'"\$ref":"#/definitions/([^"]+)"')

Lines = dict[str, str]


def unpack(path: Path) -> Lines:
    """Returns the lines of one file by name, none where there is no such file."""
    if not path.is_file():
        return {}
    text = zlib.decompress(path.read_bytes()).decode()
    return dict(line.split("\t", 1) for line in text.splitlines())


def pack(lines: Lines) -> bytes:
    """Writes lines in the order of their names, so that the same schemas are always the same bytes."""
    text = "".join(f"{name}\t{value}\n" for name, value in sorted(lines.items()))
    return zlib.compress(text.encode(), 9)


@functools.cache
def kubernetes(minor: str) -> Lines:
    return unpack(SCHEMAS / "kubernetes" / f"{minor}.zlib")


@functools.cache
def custom(group: str) -> Lines:
    return unpack(SCHEMAS / "custom" / f"{group}.zlib") if group else {}


@functools.cache
def ruled(group: str) -> Lines:
    """Returns, by ``apiVersion kind``, what the rules in CEL of a group's kinds need of their schemas."""
    return unpack(SCHEMAS / "rules" / f"{group}.zlib") if group else {}


@functools.cache
def served() -> dict[str, tuple[str, str]]:
    """Returns the first and last minor that serves each ``apiVersion kind`` of Kubernetes itself."""
    text = (SCHEMAS / "kubernetes" / "served.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: (first, last) for name, first, last in rows}


@functools.cache
def custom_kinds() -> dict[str, str]:
    """Returns the project and release that each custom kind's schema is from, by ``apiVersion kind``."""
    text = (SCHEMAS / "custom" / "kinds.tsv").read_text("utf-8")
    return dict(line.split("\t", 1) for line in text.splitlines())


@functools.cache
def retired() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Returns a release that does not serve each ``apiVersion kind`` any more, and the versions that it serves."""
    text = (SCHEMAS / "custom" / "retired.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return {name: (release, () if served == "-" else tuple(served.split(","))) for name, release, served in rows}


@functools.cache
def scopes() -> dict[str, str]:
    """Returns ``Cluster`` or ``Namespaced`` for each known kind, written with its group as kubectl does."""
    text = (SCHEMAS / "scopes.tsv").read_text("utf-8")
    return dict(line.split("\t", 1) for line in text.splitlines())


def whole(name: str, *sources: Lines) -> str | None:
    """Puts together the schema of ``apiVersion kind`` with all that it refers to, as JSON text; None when unknown."""
    text = _line(name, sources)
    if text is not None and not text.startswith("{"):
        text = _line(text, sources)
    return None if text is None else closed(text, *sources)


def references(text: str) -> list[str]:
    """Returns the names of the definitions that a schema refers to itself."""
    return _REFERENCE.findall(text)


def closed(text: str, *sources: Lines) -> str:
    """Adds to a schema the definitions that it refers to, directly or not."""
    found: Lines = {}
    wanted = references(text)
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name] = _line(name, sources) or "{}"
            wanted += references(found[name])
    definitions = ",".join(f'"{name}":{found[name]}' for name in sorted(found))
    return f'{{"$schema":"{DRAFT}","definitions":{{{definitions}}}' + (f",{text[1:]}" if text != "{}" else "}")


def _line(name: str, sources: tuple[Lines, ...]) -> str | None:
    return next((lines[name] for lines in sources if name in lines), None)
