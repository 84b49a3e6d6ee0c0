"""The health checks of a repository, each with the cases that shall prove it.

A check is a ``health.lua`` in a folder that is named like the last part of its key in argocd-cm, ``<group>_<Kind>``, or
``<Kind>`` for the core group; Argo CD's own layout, ``<group>/<Kind>``, is known too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gitopsmith.finding import Location
from gitopsmith.health import assembly
from gitopsmith.health.assembly import SCRIPT
from gitopsmith.health.cases import TESTS, Case, Problem, read
from gitopsmith.manifest import get, items
from gitopsmith.tree import Tree, join

PATTERN = "/_/health.lua"
"""How the checks in Argo CD's own layout end that are for many kinds; which, depends on what lies beside them."""
_GROUP = r"(?:[a-z0-9-]+\.)+[a-z0-9-]+|apps|autoscaling|batch|extensions|policy"
_QUALIFIED = re.compile(rf"(?:{_GROUP})_[A-Za-z][A-Za-z0-9]*")
_UPSTREAM = re.compile(rf"(?:{_GROUP})/[A-Za-z][A-Za-z0-9]*")
_CORE = re.compile(r"[A-Z][A-Za-z0-9]*")


@dataclass(frozen=True, slots=True)
class Suite:
    """One check: its folder, its Lua, and its cases so far as they can be read."""

    directory: str
    lua: str
    open_libs: bool = False
    cases: tuple[Case, ...] = ()
    problems: tuple[Problem, ...] = ()
    configured_in: str = ""
    """The kustomization that puts the checks of this folder's parent into argocd-cm."""

    @property
    def script(self) -> str:
        return join(self.directory, SCRIPT)

    @property
    def files(self) -> frozenset[str]:
        """Returns the files that decide about the result."""
        inputs = (case.input for case in self.cases)
        return frozenset({self.script, join(self.directory, TESTS), self.configured_in, *inputs})


def suites(files: Tree) -> Iterator[Suite]:
    """Yields the health checks of a repository.

    A ``health.lua`` that is something else stays unseen: one whose folder is not named ``<group>_<Kind>``, and that has
    no ``health_test.yaml`` beside it with ``tests`` that have a ``healthStatus``.
    """
    for path in files.files:
        if path.endswith(SCRIPT) and path.rpartition("/")[2] == SCRIPT:
            directory, tests = path.rpartition("/")[0], join(path.rpartition("/")[0], TESTS)
            named = _QUALIFIED.fullmatch(directory.rpartition("/")[2])
            tested = files.kind(tests) == "file"
            if tested and (named or (not path.endswith(PATTERN) and _has_tests(files, tests))):
                yield _suite(files, directory)
            elif named:
                message = f"nothing tests this health check; write cases for it in {TESTS} beside it"
                problem = Problem(Location(path, 1, 1, 1, 2), message, pointer=TESTS, warning=True)
                yield Suite(directory, _lua(files, path), problems=(problem,))


def _has_tests(files: Tree, path: str) -> bool:
    documents = files.documents(path).documents
    return any("healthStatus" in case for document in documents for _, case in items(document.body, "tests"))


def _lua(files: Tree, path: str) -> str:
    return (files.data(path) or b"").decode("utf-8", "surrogateescape")


def _suite(files: Tree, directory: str) -> Suite:
    path = join(directory, TESTS)
    parsed = files.documents(path)
    found: list[Case | Problem] = [Problem(item.location(path), item.message) for item in parsed.problems]
    kind, upstream = _kind(directory)
    if not kind:
        message = f"a health check is in a folder named <group>_<Kind>, not {directory.rpartition('/')[2]!r}"
        found.append(Problem(Location(path, 1, 1, 1, 2), message))
    else:
        found += assembly.problems(files, directory)
    if parsed.documents:
        found += read(files, directory, parsed.documents[0], kind)
    elif not parsed.problems:
        found.append(Problem(Location(path, 1, 1, 1, 2), "there is no case here; write a list of tests"))
    return Suite(
        directory,
        _lua(files, join(directory, SCRIPT)),
        upstream or any(get(document.body, "useOpenLibs") is True for document in parsed.documents[:1]),
        tuple(item for item in found if isinstance(item, Case)),
        tuple(item for item in found if isinstance(item, Problem)),
        assembly.configuration(files, directory) or "",
    )


def _kind(directory: str) -> tuple[str, bool]:
    """Returns the kind that a folder's check is for, as Argo CD names one, and whether the layout is Argo CD's own."""
    *_, above, name = ("", *directory.split("/"))
    if _QUALIFIED.fullmatch(name):
        return name.replace("_", "/"), False
    if _UPSTREAM.fullmatch(f"{above}/{name}"):
        return f"{above}/{name}", True
    return (name if _CORE.fullmatch(name) else ""), False
