"""The values of a new secret: from the environment, a file, stdin or the keyboard, and never from the command line."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gitopsmith.finding import Failure

_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}\Z")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class Value:
    """One key of a Secret with its value, which is in no representation."""

    key: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where values may come from; ``ask`` reads one from the keyboard without showing it, None where nobody is."""

    environment: Mapping[str, str] = field(repr=False)
    stdin: Callable[[], bytes]
    ask: Callable[[str], str] | None


def key(specification: str) -> str:
    """Returns the key of ``KEY`` or ``KEY=SOURCE``. Raises Failure when a Secret cannot have it."""
    name = specification.partition("=")[0]
    if not _KEY.match(name) or name in {".", ".."}:
        raise Failure(f"--key {name!r} is no key of a Secret; write letters, digits, '-', '_' and '.'")
    return name


def read(specifications: tuple[str, ...], sources: Sources) -> tuple[Value, ...]:
    """Reads each ``KEY``, ``KEY=VARIABLE``, ``KEY=@FILE`` or ``KEY=-``.

    Raises Failure that names the key when its value cannot be read; what follows the equals sign is repeated only when
    it is a file, for somebody may have written the value there.
    """
    keys = [key(one) for one in specifications]
    twice = sorted({one for one in keys if keys.count(one) > 1})
    if twice:
        raise Failure(f"--key {twice[0]} stands there twice; leave one out")
    if sum(one.endswith("=-") for one in specifications) > 1:
        raise Failure("stdin holds the value of one key only; read the others from variables or files")
    return tuple(_read(one, sources) for one in specifications)


def _read(specification: str, sources: Sources) -> Value:
    name, equals, source = specification.partition("=")
    if not equals:
        data = _asked(name, sources)
    elif source == "-":
        data = sources.stdin().removesuffix(b"\n").removesuffix(b"\r")
    elif source.startswith("@"):
        data = _file(name, Path(source[1:]).expanduser())
    else:
        data = _variable(name, source, sources.environment)
    if not data:
        raise Failure(f"--key {name}: the value is empty")
    return Value(name, data)


def _asked(name: str, sources: Sources) -> bytes:
    if sources.ask is None:
        raise Failure(
            f"--key {name} says no source, and nobody is here to ask; write {name}=VARIABLE, {name}=@FILE or {name}=-"
        )
    return sources.ask(name).encode("utf-8", "surrogateescape")


def _file(name: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Failure(f"--key {name}: {path} cannot be read: {error.strerror}") from error


def _variable(name: str, source: str, environment: Mapping[str, str]) -> bytes:
    if not _VARIABLE.match(source) or source not in environment:
        raise Failure(
            f"--key {name}: what follows = must name a variable that is set, @FILE, or - for stdin; a value never goes"
            " on the command line, where other users and the shell's history see it"
        )
    return os.fsencode(environment[source])
