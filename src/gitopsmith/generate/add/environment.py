"""An environment more, at its place in the promotion order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from gitopsmith import answers
from gitopsmith.answers import IN_CLUSTER, Answers, Environment
from gitopsmith.answers.text import nearest
from gitopsmith.finding import Failure
from gitopsmith.generate import install
from gitopsmith.generate.add import extension
from gitopsmith.generate.add.merging import Changes
from gitopsmith.generate.plan import plan


def environment(
    root: Path, name: str, *, cluster: str = "", before: str = "", after: str = "", protected: bool = False
) -> Changes:
    """Returns what a repository gains by an environment, with every application in it.

    It stands ``before`` or ``after`` another one, else before the first protected one. An application comes in the
    version that the environment before it runs. Raises Failure when a name is wrong, the environment is there in
    another form, or files are in the way.
    """
    old = answers.read(root / answers.FILE_NAME)
    made = Environment(name, cluster or IN_CLUSTER, protected)
    there = next((item for item in old.environments if item.name == name), None)
    if there is not None:
        return _already(there, made, explicit=bool(cluster))
    at = _place(old, before, after)
    new = answers.check(replace(old, environments=(*old.environments[:at], made, *old.environments[at:])))
    _refuse_without_base(root, old)
    notes = [*_left_out(root, old, name)]
    if made.cluster not in old.clusters:
        notes.append(_register(made.cluster))
    vendored = (root / install.PATH).is_file()
    today, then = ((given, plan(given, vendored=vendored)) for given in (old, new))
    return extension.changes(root, today, then, notes)


def _already(there: Environment, made: Environment, *, explicit: bool) -> Changes:
    if (explicit and there.cluster != made.cluster) or (made.protected and not there.protected):
        what = "protected" if there.protected else "not protected"
        raise Failure(f"environment {there.name!r} is there already, on cluster {there.cluster}, {what}")
    return Changes({}, (f"environment {there.name!r} is there already",))


def _place(old: Answers, before: str, after: str) -> int:
    """Returns the index at which a new environment stands."""
    names = [item.name for item in old.environments]
    if before and after:
        raise Failure("an environment stands before one, or after one; leave one of both out")
    for given in filter(None, (before, after)):
        if given not in names:
            raise Failure(
                f"there is no environment {given!r}; {nearest(given, names) or 'write ' + ' or '.join(names)}"
            )
    if before or after:
        return names.index(before or after) + bool(after)
    return next((index for index, item in enumerate(old.environments) if item.protected), len(names))


def _refuse_without_base(root: Path, old: Answers) -> None:
    for item in old.applications:
        if not (root / f"apps/{item.name}/base/kustomization.yaml").is_file():
            raise Failure(
                f"{answers.FILE_NAME} names application {item.name!r}, and apps/{item.name}/base is not there;"
                " take it out of that file, or bring it back"
            )


def _left_out(root: Path, old: Answers, name: str) -> Iterator[str]:
    """Yields a note for each application that its owner made without the answers."""
    known = {item.name for item in old.applications}
    for path in sorted(root.glob("apps/*/base/kustomization.yaml")):
        application = path.parents[1].name
        if application not in known:
            yield f"apps/{application} is not in {answers.FILE_NAME}, so that it does not come to {name}"


def _register(cluster: str) -> str:
    return (
        f"Argo CD has to know the cluster as {cluster!r} before it can deploy there:"
        f" argocd cluster add CONTEXT --name {cluster}"
    )
