"""An application more, or one in more environments."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from gitopsmith import answers, documents
from gitopsmith.answers import Answers, Values
from gitopsmith.answers.text import nearest
from gitopsmith.finding import Failure
from gitopsmith.generate import install
from gitopsmith.generate.add import extension
from gitopsmith.generate.add.merging import Changes
from gitopsmith.generate.plan import Step, plan
from gitopsmith.manifest import sequence


def application(root: Path, name: str, *, fields: Values, team: str = "", environments: Sequence[str] = ()) -> Changes:
    """Returns what a repository gains by an application in some environments, in all when none are named.

    ``fields`` are ``image``, ``port`` and ``path`` as far as they are given; ``team`` is ``NAME``, or ``NAME=GROUP``
    for a team that is not there yet. Nothing changes where the application is there already. Raises Failure when a
    name is wrong, the application is there with other fields, or files are in the way.
    """
    old = answers.read(root / answers.FILE_NAME)
    asked = _known(old, environments)
    new = _with(old, name, fields, team)
    there = _present(root, old, name) if new == old else []
    if new == old and set(asked) <= set(there):
        return Changes({}, (f"application {name!r} is in {', '.join(asked)} already",))
    vendored = (root / install.PATH).is_file()
    before = _limited(plan(old, vendored=vendored), name, there)
    after = _limited(plan(new, vendored=vendored), name, {*there, *asked})
    return extension.changes(root, (old, before), (new, after))


def _known(old: Answers, environments: Iterable[str]) -> list[str]:
    known = [item.name for item in old.environments]
    for name in environments:
        if name not in known:
            raise Failure(f"there is no environment {name!r}; {nearest(name, known) or 'write ' + ' or '.join(known)}")
    return [name for name in known if name in set(environments)] or known


def _present(root: Path, old: Answers, name: str) -> list[str]:
    """Returns the environments whose root deploys an application."""
    return [item.name for item in old.environments if _is_listed(root / "argocd/envs" / item.name, f"{name}.yaml")]


def _is_listed(folder: Path, name: str) -> bool:
    listed = folder / "kustomization.yaml"
    if not (folder / name).is_file() or not listed.is_file():
        return False
    resources = sequence(documents.load(listed.read_bytes().decode("utf-8", "surrogateescape")), "resources")
    return name in {posixpath.normpath(entry) for entry in resources if isinstance(entry, str)}


def _with(old: Answers, name: str, fields: Values, team: str) -> Answers:
    """Returns the answers with an application; as they are where they have it."""
    owner = answers.team(team) if team else {}
    there = next((item for item in old.applications if item.name == name), None)
    given = fields | ({"team": owner["name"]} if owner else {})
    if there is not None:
        _refuse_other(name, there._asdict(), given)
        return old
    teams = [item._asdict() for item in old.teams]
    if "group" in owner and owner["name"] not in [item["name"] for item in teams]:
        teams.append(owner)
    made = answers.complete({"repo_url": old.repo_url, "applications": [{"name": name} | given], "teams": teams})
    return answers.check(replace(old, applications=(*old.applications, *made.applications), teams=made.teams))


def _refuse_other(name: str, there: Values, given: Values) -> None:
    for field, value in given.items():
        if there[field] != value:
            raise Failure(
                f"application {name!r} is there already, and its {field} is {there[field]!r}, not {value!r};"
                f" change it in apps/{name}, or take another name"
            )


def _limited(steps: Iterable[Step], name: str, environments: Collection[str]) -> Iterator[Step]:
    """Yields the steps as if an application were in some environments only."""
    for step in steps:
        here = step.variables.get("environment")
        if here is None or here["name"] in environments:
            yield step
        elif step.template != "overlay" or step.variables["application"]["name"] != name:
            others = [item for item in step.variables["applications"] if item["name"] != name]
            yield Step(step.template, step.variables | {"applications": others})
