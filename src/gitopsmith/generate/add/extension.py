"""The files that two sets of answers make, and what a repository gains from one to the other."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from gitopsmith import answers
from gitopsmith.answers import Answers
from gitopsmith.finding import Failure
from gitopsmith.generate.add import merging, versions
from gitopsmith.generate.add.merging import Changes
from gitopsmith.generate.plan import Step

_OF_ONE_ITEM = frozenset({"application", "overlay"})
"""Templates that read nothing of other items, so that they are left out where both sides have them."""


def changes(
    root: Path, old: tuple[Answers, Iterable[Step]], new: tuple[Answers, Iterable[Step]], notes: Iterable[str] = ()
) -> Changes:
    """Returns what a repository gains; applications come to an environment in the version of the one before it."""
    before, after = [*old[1]], [*new[1]]
    both = {_item(step) for step in before} & {_item(step) for step in after} - {()}
    there = merging.rendered((step for step in before if _item(step) not in both), old[0])
    steps = [step for step in after if _item(step) not in both]
    texts, said = _with_versions(root, steps, new[0])
    gained = merging.changes(root, there, texts, (*notes, *said))
    _prove(gained, new[0])
    return gained


def _with_versions(root: Path, steps: Sequence[Step], given: Answers) -> tuple[dict[str, str], list[str]]:
    """Returns the files that some steps make, overlays with the images of their neighbours, and what is not copied."""
    order = [item.name for item in given.environments]
    images, notes, changed = {}, [], []
    for step in steps:
        if step.template == "overlay":
            step, carried, note = versions.carried(root, step, order)
            names = step.variables["application"]["name"], step.variables["environment"]["name"]
            images[versions.overlay_path(*names)] = carried
            notes += [note] if note else []
        changed.append(step)
    texts = merging.rendered(changed, given)
    return texts | {path: versions.complete(texts[path], carried, path) for path, carried in images.items()}, notes


def _prove(gained: Changes, given: Answers) -> None:
    """Raises Failure when the file of answers, as its owner writes it, does not come to say what it must."""
    if answers.FILE_NAME not in gained.files:
        return
    with tempfile.TemporaryDirectory(prefix="gitopsmith-") as aside:
        written = Path(aside) / "answers.yaml"
        written.write_bytes(gained.files[answers.FILE_NAME])
        if answers.read(written) != given:
            raise Failure(f"{answers.FILE_NAME} is written in a way that cannot be added to; write each item as a map")


def _item(step: Step) -> tuple[Any, ...]:
    if step.template not in _OF_ONE_ITEM:
        return ()
    environment = step.variables.get("environment", {}) if step.template == "overlay" else {}
    return step.template, step.variables["application"]["name"], environment.get("name")
