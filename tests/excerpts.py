"""Compares what parts of a commit tell with what all of it tells."""

from __future__ import annotations

import os
import random
import re
from pathlib import Path
from typing import Any

from gitopsmith import config
from gitopsmith.applied.sides import side
from gitopsmith.diff import Difference, Options
from gitopsmith.diff.running import difference
from gitopsmith.finding import Failure
from gitopsmith.git import writing
from gitopsmith.git.writing import FILE, Entry
from gitopsmith.proposal import Proposal
from gitopsmith.states import Place, Reader, State, find

MAP = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\n"


def told(state: State) -> dict[str, Any]:
    """Returns all that a state says, as values that can be compared."""
    place = state.place
    return {
        "place": place and (place.app, place.environment, place.builds, place.entries),
        "application": place and (place.application.key, place.application.entry, place.application.disabled),
        "body": place and (place.application.body, place.application.resource.origin),
        "sources": place and [(one.type, one.present, one.own, one.body) for one in place.application.sources],
        "manifests": [(one.text, one.resource.body, one.resource.origin) for one in state.manifests],
        "inputs": state.inputs,
        "failure": state.failure,
    }


def unequal(root: Path, tree: str) -> tuple[list[str], int]:
    """Returns the places of a commit of which a part tells something else than all, and how many a part tells."""
    reader = Reader(root, "main")
    states = [state for state in reader.states(tree) if state.place]
    places = [state.place for state in states if state.place]
    wrong, parts = [], 0
    for state, place in zip(states, places, strict=True):
        for name in dict.fromkeys((place.application.name, place.app)):
            parts += reader.archive.part(tree, name) is not None
            if told(reader.state(tree, name, place.environment.name)) != told(_meant(states, places, state, name)):
                wrong.append(f"{name} in {place.environment.name}")
    return wrong, parts


def _meant(states: list[State], places: list[Place], state: State, name: str) -> State:
    try:
        assert state.place
        found = find(places, name, state.place.environment.name)
    except Failure as error:
        return State(None, failure=str(error))
    return states[places.index(found)]


def whole_difference(root: Path, base: str, tree: str) -> Difference:
    """Returns the difference of two commits or trees, of which everything is looked at."""
    with side(root, base, "main") as before, side(root, tree, "main") as after:
        return difference(before, after, Options())


def edited(root: Path, base: str, files: dict[str, bytes | None]) -> Proposal:
    """Returns a proposal that gives some files another content, or none."""
    entries = {
        path: None if data is None else Entry(FILE, writing.store(root, data))
        for path, data in files.items()
        if data is not None or path in writing.entries(root, base)
    }
    return Proposal("Change", entries)


def random_edit(root: Path, base: str, chance: random.Random) -> dict[str, bytes | None]:
    """Returns what somebody may do to a file or two but the configuration: change, break, delete, add or include it."""
    known = writing.entries(root, base).items()
    paths = [path for path, entry in known if entry.is_file and path != config.FILE_NAME]
    found: dict[str, bytes | None] = {}
    for _ in range(chance.choice((1, 1, 1, 2))):
        layers = [path for path in paths if path.endswith("kustomization.yaml")] or paths
        path = chance.choice(layers if chance.random() < 0.6 else paths)
        folder, other = path.rpartition("/")[0], chance.choice(paths).rpartition("/")[0]
        beside = f"{folder}/" if folder else ""
        data = (root / path).read_bytes() if (root / path).is_file() else b""
        found |= chance.choice(
            (
                {path: re.sub(rb"(?m)^(\s*(?:newTag|namespace|image|replicas):).*$", rb"\1 '2024'", data)},
                {path: data + b"# said\n"},
                {path: None},
                {path: data + b"commonAnnotations: {told: here}\n"},
                {path: data.replace(b"resources:", b"resources:\n  - " + _up(folder, other).encode(), 1)},
                {
                    f"{beside}extra.yaml": MAP,
                    path: data.replace(b"resources:", b"resources:\n  - extra.yaml"),
                },
                {f"{beside}kustomization.yaml": b"resources: []\nnamePrefix: x-\n"},
                {path: b"resources: [: broken\n"},
            )
        )
    return found


def _up(folder: str, other: str) -> str:
    return os.path.relpath(other or ".", folder or ".")
