"""The files that two sets of answers make, and what a repository gains from one to the other."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gitopsmith.answers import Answers
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
    order = [item.name for item in new[0].environments]
    said, images, steps = list(notes), {}, []
    for step in after:
        if _item(step) in both:
            continue
        if step.template == "overlay":
            step, carried, note = versions.carried(root, step, order)
            names = step.variables["application"]["name"], step.variables["environment"]["name"]
            images[versions.overlay_path(*names)] = carried
            said += [note] if note else []
        steps.append(step)
    texts = merging.rendered(steps, new[0])
    texts |= {path: versions.complete(texts[path], carried, path) for path, carried in images.items()}
    return merging.changes(
        root, merging.rendered([step for step in before if _item(step) not in both], old[0]), texts, said
    )


def _item(step: Step) -> tuple[Any, ...]:
    if step.template not in _OF_ONE_ITEM:
        return ()
    environment = step.variables.get("environment", {}) if step.template == "overlay" else {}
    return step.template, step.variables["application"]["name"], environment.get("name")
