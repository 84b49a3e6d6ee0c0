"""Reads ``health_test.yaml``: objects, and what a health check shall say of each.

The form is that of Argo CD's own tests in ``resource_customizations/<group>/<Kind>``, so that a check can move there
and back; ``name``, ``object`` and ``useOpenLibs`` are additions::

    useOpenLibs: true         # as the key of that name in argocd-cm: the standard libraries of Lua are there
    tests:
      - name: tells what is wrong
        object: {apiVersion: example.com/v1, kind: Queue, status: {problem: no leader}}    # or inputPath: a file
        healthStatus: {status: Degraded, message: no leader}    # null: the check has nothing to say
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from gitopsmith.documents import Document
from gitopsmith.finding import Location, Related, Route
from gitopsmith.health.verdict import STATUSES
from gitopsmith.manifest import Resource, get, is_object, pointer
from gitopsmith.tree import Tree, join

TESTS = "health_test.yaml"
SUITE_KEYS = ("useOpenLibs", "tests")
CASE_KEYS = ("name", "object", "inputPath", "healthStatus")
STATUS_KEYS = ("status", "message", "deletionMessage")


class Problem(NamedTuple):
    """What is wrong with tests themselves, or with where they are."""

    location: Location
    message: str
    pointer: str = ""
    warning: bool = False
    related: tuple[Related, ...] = ()


class Place(NamedTuple):
    """Where a value of a case stands."""

    location: Location
    pointer: str


@dataclass(frozen=True, slots=True)
class Case:
    """An object, and the values of STATUS_KEYS that its check shall give; one that is not there is not compared."""

    name: str
    body: Any
    expected: dict[str, str | None]
    places: dict[str, Place]
    input: str = ""


class _Refused(Exception):  # noqa: N818 - it carries what becomes a finding
    """A case that cannot be read, at the first thing that is wrong with it."""

    def __init__(self, route: Route, message: str) -> None:
        super().__init__(message)
        self.route = route


def read(files: Tree, directory: str, document: Document, kind: str) -> Iterator[Case | Problem]:
    """Yields the cases of a file, and what is wrong with those that cannot be read.

    Their objects must be of ``kind``, as Argo CD names one (``apps/Deployment``, ``Service``), unless that is empty.
    """
    path = join(directory, TESTS)
    tests = get(document.body, "tests")
    steps: tuple[Route, ...] = tuple(("tests", index) for index in range(len(tests) if isinstance(tests, list) else 0))
    for route in ((), *steps):
        try:
            if route:
                yield _case(files, directory, document, route, kind)
            else:
                _check_file(document.body)
        except _Refused as refused:
            place = _place(path, document, refused.route)
            yield Problem(place.location, str(refused), place.pointer)


def _place(path: str, document: Document, route: Route) -> Place:
    return Place(document.location(path, route), pointer(document.body, route))


def _check_file(body: Any) -> None:
    tests = get(body, "tests")
    if not isinstance(tests, list) or not tests:
        raise _Refused((), "there is no case here; write a list of tests")
    _check_keys(body, (), SUITE_KEYS)
    if not isinstance(get(body, "useOpenLibs"), bool | None):
        raise _Refused(("useOpenLibs",), "useOpenLibs is true or false, without quotes")


def _case(files: Tree, directory: str, document: Document, route: Route, kind: str) -> Case:
    case = get(document.body, *route)
    if not isinstance(case, dict):
        raise _Refused(route, "a case is a map with an object and the healthStatus it shall get")
    case = {"inputPath" if key == "inputpath" else key: value for key, value in case.items()}  # Go takes both
    _check_keys(case, route, CASE_KEYS)
    if "healthStatus" not in case:
        raise _Refused(route, "healthStatus is missing; write the status that the check shall give")
    input_path, body = _object(files, directory, case, route)
    found = _kind(body)
    if kind and found != kind:
        message = f"this is {found}, and never comes to a check for {kind}; move it, or rename the folder of the check"
        raise _Refused((*route, "object" if "object" in case else "inputPath"), message)
    expected = _expected(case["healthStatus"], (*route, "healthStatus"))
    name = case.get("name") or case.get("inputPath") or f"number {int(route[-1]) + 1}"
    path = join(directory, TESTS)
    places = {key: _place(path, document, (*route, "healthStatus", key)) for key in STATUS_KEYS}
    return Case(str(name), body, expected, places, input_path)


def _object(files: Tree, directory: str, case: dict[str, Any], route: Route) -> tuple[str, Any]:
    """Returns the object of a case, after the path of the file that it comes from, empty where it is written inline."""
    if ("object" in case) == ("inputPath" in case):
        raise _Refused(route, "a case has either an object, or an inputPath to the file that holds one")
    if "object" in case:
        return "", _insisted(case["object"], (*route, "object"))
    route = (*route, "inputPath")
    path = join(directory, str(case["inputPath"]))
    if files.kind(path) != "file":
        raise _Refused(route, f"there is no file {path}")
    read = files.documents(path)
    broken = [problem for problem in read.problems if problem.rule == "yaml-syntax"]
    if broken or not read.documents:
        raise _Refused(route, f"{path} holds no readable object: {broken[0].message if broken else 'it is empty'}")
    return path, _insisted(read.documents[0].body, route)


def _insisted(body: Any, route: Route) -> Any:
    if not is_object(body):
        raise _Refused(route, "this is no Kubernetes object; it needs an apiVersion and a kind")
    return body


def _kind(body: Any) -> str:
    resource = Resource(body)
    return f"{resource.group}/{resource.kind}" if resource.group else resource.kind


def _expected(status: Any, route: Route) -> dict[str, str | None]:
    if status is None:
        return {"status": None}
    if not isinstance(status, dict):
        raise _Refused(route, "healthStatus is a map with a status, or null where the check has nothing to say")
    _check_keys(status, route, STATUS_KEYS)
    if status.get("status") not in STATUSES:
        message = f"status {status.get('status')!r} is none of Argo CD's; write one of {', '.join(STATUSES)}"
        raise _Refused((*route, "status"), message)
    for key, value in status.items():
        if not isinstance(value, str):
            raise _Refused((*route, key), f"{key} is a string; put {value!r} in quotes")
    return dict(status)


def _check_keys(body: dict[str, Any], route: Route, known: Iterable[str]) -> None:
    for key in body:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            meant = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(known)}"
            raise _Refused((*route, key), f"unknown key {key!r}{meant}")
