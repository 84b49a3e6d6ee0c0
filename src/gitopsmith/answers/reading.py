"""Reads an answers file, and points at what is wrong in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

from gitopsmith import documents
from gitopsmith.answers import checks
from gitopsmith.answers.forms import SHORT, Values, complete, listed
from gitopsmith.answers.model import Answers, Application, Environment, Team
from gitopsmith.answers.text import nearest
from gitopsmith.documents import Document
from gitopsmith.finding import Failure, Location, Route
from gitopsmith.manifest import items, text

TEMPLATE = "template"
"""The key under which the version of gitopsmith that made a repository is written."""
_ITEMS: dict[str, dict[str, type]] = {
    "environments": get_type_hints(Environment),
    "applications": get_type_hints(Application),
    "teams": get_type_hints(Team),
}
_FIELDS: dict[str, type] = get_type_hints(Answers)
_WORDS = {str: "text", int: "a whole number", bool: "true or false"}
_SHAPES = {str: "text", list: "a list", dict: "a map", bool: "true or false"}
_NOWHERE = Location("")
_Found = Iterator[tuple[Route, str]]


class _File(NamedTuple):
    path: Path
    document: Document
    text: str

    def at(self, route: Route, *, key: bool = False) -> Location:
        return self.document.location(str(self.path), route, key=key)

    def written(self, route: Route) -> str:
        """Returns what stands in the text for a scalar."""
        place = self.at(route)
        return self.text.split("\n")[place.line - 1][place.column - 1 : place.end_column - 1]


def read(path: Path, amend: Callable[[Values], Values] = dict) -> Answers:
    """Reads an answers file, and returns all answers, checked; ``amend`` may change them before they are completed.

    Raises Failure with one line for each wrong answer: where it stands, what is wrong, what would be right.
    """
    file = _load(path)
    body = file.document.body
    _refuse((file.at(route, key=True), _name(body, route), why) for route, why in _unknown(body))
    _refuse((file.at(route), _name(body, route), why) for route, why in _misshapen(file))
    values = _values(body)
    changed = amend(values)
    answers = complete(changed)
    _refuse(
        (file.at(route) if _same(route, values, changed) else _NOWHERE, checks.title(answers, route), why)
        for route, why in checks.problems(answers)
    )
    return answers


def _load(path: Path) -> _File:
    try:
        found = documents.read(path.read_bytes())
    except OSError as error:
        raise Failure(f"{path}: cannot be read: {error.strerror}") from error
    if found.problems:
        raise Failure("\n".join(f"{path}:{item.line}:{item.column}: {item.message}" for item in found.problems))
    if len(found.documents) != 1 or not isinstance(found.documents[0].body, dict):
        raise Failure(f"{path}:1:1: this is no map of answers; write lines such as `branch: main`")
    return _File(path, found.documents[0], found.text)


def _refuse(found: Iterable[tuple[Location, str, str]]) -> None:
    lines = [
        (f"{place.path}:{place.line}:{place.column}: " if place.path else "") + f"answer {name!r}: {why}"
        for place, name, why in sorted(found)
    ]
    if lines:
        raise Failure("\n".join(lines))


def _name(body: Any, route: Route) -> str:
    if len(route) < 2:
        return str(route[0])
    item = text(body, *route[:2], "name") or str(route[1])
    return f"{route[0]}[{item}]" + "".join(f".{step}" for step in route[2:])


def _same(route: Route, values: Values, changed: Values) -> bool:
    """Tells whether an answer is still that of the file, or lacks there as well."""
    return bool(changed.get(str(route[0])) == values.get(str(route[0])))


def _unknown(body: Any) -> _Found:
    known = (*_FIELDS, TEMPLATE)
    for key in body:
        if key not in known:
            better = nearest(str(key), known) or "`gitopsmith new --help` lists all answers"
            yield (key,), f"is not known; {better}"
    for answer, fields in _ITEMS.items():
        for route, item in items(body, answer):
            for key in item:
                if key not in fields:
                    better = nearest(str(key), fields) or f"write one of {', '.join(fields)}"
                    yield (*route, key), f"is not known; {better}"


def _misshapen(file: _File) -> _Found:
    for key, value in file.document.body.items():
        if key in _ITEMS:
            yield from _misshapen_list(file, key, value)
        else:
            yield from _misfit(file, (key,), value, _FIELDS.get(key, str))


def _misshapen_list(file: _File, answer: str, given: Any) -> _Found:
    if not isinstance(given, str | list):
        yield (answer,), "is no list; write one, or names with commas between them"
    for index, item in enumerate(given if isinstance(given, list) else ()):
        if isinstance(item, dict):
            for key in item:
                yield from _misfit(file, (answer, index, key), item[key], _ITEMS[answer][key])
            if "name" not in item:
                yield (answer, index), "has no name; write one, such as `name: web`"
        else:
            yield from _misfit(file, (answer, index), item, str)


def _misfit(file: _File, route: Route, value: Any, kind: type) -> _Found:
    """Yields why a value is not of a kind; what YAML took for something else than text is shown as it is written."""
    if type(value) is kind:
        return
    if value is None:
        yield route, "has no value; write one, or leave the line out"
    elif kind is str and isinstance(value, bool | int | float):
        written, what = file.written(route), "true or false" if isinstance(value, bool) else "a number"
        yield route, f'{written} is {what} to YAML; write it in quotes, "{written}"'
    else:
        yield route, f"is {_SHAPES.get(type(value), 'a number')}; write {_WORDS[kind]}"


def _values(body: Any) -> Values:
    """Returns the answers of a file without short forms."""
    values = {key: value for key, value in body.items() if key != TEMPLATE}
    for answer, read_short in SHORT.items():
        if answer in values:
            given = listed(values[answer]) if isinstance(values[answer], str) else values[answer]
            values[answer] = [read_short(item) if isinstance(item, str) else item for item in given]
    return values
