"""No policy stumbles over a field that is not what its kind says: the schema reports that, and every rule goes on."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gitopsmith import application, documents, kustomization, policy, tree
from gitopsmith.application import Repository
from gitopsmith.finding import Route
from gitopsmith.manifest import Resource, get
from gitopsmith.policy import SUBJECTS, Policy
from judging import OWN

ODD: tuple[Any, ...] = (None, True, 5, 1.5, "", "odd", [], [None, 5, "odd", {}, []], {}, {"odd": {"odd": ["odd"]}})
EMPTY = tree.in_memory(Path(__file__).parent, "empty.yaml", b"")


def routes(body: Any, route: Route = ()) -> Iterator[Route]:
    """Yields the route to everything below a body, maps and lists included."""
    for key, value in body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ():
        yield (*route, key)
        yield from routes(value, (*route, key))


def spoiled(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yields a body with each of its fields in turn replaced by each odd value."""
    for route in routes(body):
        if route in {("kind",), ("apiVersion",)}:
            continue
        for value in ODD:
            changed = copy.deepcopy(body)
            get(changed, *route[:-1])[route[-1]] = copy.deepcopy(value)
            yield changed


def judge(item: Policy, bodies: list[dict[str, Any]]) -> None:
    """Runs a policy over objects of one build, or one kustomization, to the end of its findings."""
    assert item.check is not None
    if item.subject in {"kustomization", "layer"}:
        files = tree.in_memory(Path(__file__).parent, "kustomization.yaml", json.dumps(bodies[0]).encode())
        found = kustomization.read(files, "kustomization.yaml")
        list(item.check(found if item.subject == "kustomization" else kustomization.layer(files, found, {})))
    elif item.subject == "resource":
        alone = tuple(Resource(body) for body in bodies)
        for body in bodies:
            list(item.check(Resource(body, siblings=alone)))
    else:
        applications = [application.read(Resource(body), EMPTY, OWN) for body in bodies]
        subjects = [Repository(tuple(applications))] if item.subject == "repository" else applications
        for subject in subjects:
            list(item.check(subject))


@pytest.mark.parametrize("item", [pytest.param(item, id=item.id) for item in policy.load() if item.subject in SUBJECTS])
def test_a_policy_copes_with_any_value_in_any_field(item: Policy) -> None:
    for example in (*item.good, *item.bad):
        if "\n" in example:
            bodies = [document.body for document in documents.read(example.encode()).documents]
            for index, body in enumerate(bodies):
                for changed in spoiled(body):
                    judge(item, [*bodies[:index], changed, *bodies[index + 1 :]])
