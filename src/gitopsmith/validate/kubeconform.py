"""Asks kubeconform the same questions: the field's reference, on the same schemas."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from gitopsmith import tools
from gitopsmith.finding import Failure, Route
from gitopsmith.manifest import is_object, sequence, text
from gitopsmith.validate.causes import SchemaProblem, order
from gitopsmith.validate.schemas import Schemas, without_sops

TIMEOUT = 600.0
_LAYOUT = "{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"
_CAUSE = re.compile(r"( *)- at '((?:[^'\\]|\\.)*)': (.*?)(?= +- at '|\Z)", re.DOTALL)
_NAMES = re.compile(r"'((?:[^'\\]|\\.)*)'")
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_UNREADABLE = "error while parsing"
"""What it says of a metadata that it cannot read name, namespace and generateName from; it then looks no further."""
_CHOICES = ("'anyOf' failed", "'oneOf' failed")


class Kubeconform:
    """The second engine. ``check`` takes many objects at once, because every call starts a program.

    Raises tools.Missing when kubeconform is not on this machine, Failure when it cannot do its work.
    """

    def __init__(self, schemas: Schemas, program: str = "kubeconform") -> None:
        self._schemas = schemas
        self._program = tools.find(program) or program

    @property
    def label(self) -> str:
        return f"kubeconform on {self._schemas.label}"

    def check(self, bodies: Sequence[Any]) -> list[list[SchemaProblem]]:
        """Returns what is wrong with each object, in the order of the objects; nothing for kinds without a schema."""
        found: list[list[SchemaProblem]] = [[] for _ in bodies]
        asked = [(index, *asked) for index, body in enumerate(bodies) for asked in self._askable(body, ())]
        if not asked:
            return found
        with tempfile.TemporaryDirectory(prefix="gitopsmith-") as folder:
            self._write(Path(folder), [body for _, _, body in asked])
            answers = self._run(Path(folder), len(asked))
        for number, answer in answers:
            index, prefix, body = asked[number]
            found[index] += [problem._replace(route=prefix + problem.route) for problem in _problems(answer, body)]
        return [sorted(set(problems), key=order) for problems in found]

    def _askable(self, body: Any, route: Route) -> Iterator[tuple[Route, Any]]:
        """Yields what has a schema: the object, or the items of a list."""
        if not is_object(body):
            return
        if self._schemas.knows(body["apiVersion"], body["kind"]):
            yield route, without_sops(body)
        elif body["kind"].endswith("List"):
            for index, item in enumerate(sequence(body, "items")):
                yield from self._askable(item, (*route, "items", index))

    def _write(self, folder: Path, bodies: list[Any]) -> None:
        objects = folder / "objects"
        objects.mkdir()
        for number, body in enumerate(bodies):
            (objects / f"{number}.json").write_text(_written(body), "utf-8", "replace")
        for api_version, kind in {(body["apiVersion"], body["kind"]) for body in bodies}:
            group, _, version = api_version.rpartition("/")
            path = folder / "schemas" / (group or version) / f"{kind.lower()}_{version}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self._schemas.schema(api_version, kind) or "{}", "utf-8")

    def _run(self, folder: Path, count: int) -> list[tuple[int, dict[str, Any]]]:
        command = (
            self._program, "-strict", "-summary", "-output", "json",
            "-schema-location", f"{folder}/schemas/{_LAYOUT}", f"{folder}/objects",
        )  # fmt: skip
        output = tools.run(*command, timeout=TIMEOUT)
        try:
            report = json.loads(output.stdout)
            answers = report["resources"] or []
            seen = sum(report["summary"].values())
        except (ValueError, KeyError, TypeError):
            raise Failure(f"kubeconform did not answer: {output.complaint[:300]}", status=3) from None
        if seen != count:
            raise Failure(f"kubeconform answered for {seen} of {count} objects: {output.complaint[:300]}", status=3)
        return [(int(Path(answer["filename"]).stem), answer) for answer in answers]


def _written(body: Any) -> str:
    """Writes an object as JSON that is YAML too, because that is what kubeconform reads it as."""
    written = json.dumps(body, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def _problems(answer: dict[str, Any], body: Any) -> Iterable[SchemaProblem]:
    if answer["status"] == "statusError" and answer["msg"].startswith(_UNREADABLE):
        return [SchemaProblem("schema-invalid", ("metadata",), "holds a name that is no text")]
    if answer["status"] == "statusError":
        name = f"{text(body, 'kind')}/{text(body, 'metadata', 'name')}"
        raise Failure(f"kubeconform could not check {name}: {answer['msg'][:300]}", status=3)
    if answer["status"] != "statusInvalid":
        return []
    found = [problem for route, cause in _leaves(answer["msg"], body) for problem in _told(route, cause, body)]
    return found or [SchemaProblem("schema-invalid", (), "does not fit its schema")]


def _leaves(message: str, body: Any) -> Iterator[tuple[Route, str]]:
    """Yields the causes that have none below them; of alternatives the choice itself, not what each would need."""
    causes = [(len(indent), path, cause.strip()) for indent, path, cause in _CAUSE.findall(message)]
    hidden = None
    for number, (depth, path, cause) in enumerate(causes):
        if hidden is not None and depth > hidden:
            continue
        hidden = depth if cause.startswith(_CHOICES) else None
        last = number + 1 == len(causes) or causes[number + 1][0] <= depth
        if last or hidden is not None:
            yield _route(path, body), cause


def _route(path: str, body: Any) -> Route:
    """Reads a JSON pointer against the object that it points into, where the items of lists are numbers."""
    route: list[str | int] = []
    for part in path.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        step: str | int = int(name) if isinstance(body, list) else name
        route.append(step)
        body = body[step]
    return tuple(route)


def _told(route: Route, cause: str, body: Any) -> Iterator[SchemaProblem]:
    if cause.startswith("additional propert"):
        for name in _NAMES.findall(cause):
            yield SchemaProblem("schema-unknown-field", (*route, name), f"unknown field {name!r}")
    elif cause.startswith("missing propert"):
        for name in _NAMES.findall(cause):
            yield SchemaProblem("schema-invalid", route, f"missing required field {name!r}")
    elif cause.startswith(_CHOICES):
        yield SchemaProblem("schema-invalid", route, "fits none of the alternatives")
    else:
        private = text(body, "kind") == "Secret" and not cause.startswith("got ")
        yield SchemaProblem("schema-invalid", route, "does not fit its schema" if private else cause)
