"""The version of an application that another environment runs, for an environment that comes to it later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gitopsmith import documents, edit
from gitopsmith.finding import Failure
from gitopsmith.generate.plan import Step
from gitopsmith.manifest import items, text

_GENERATED = frozenset({"apiVersion", "kind", "namespace", "resources", "images"})
_MAIN = {"image_name": "name", "image_tag": "newTag", "image_digest": "digest"}


def overlay_path(application: str, environment: str) -> str:
    return f"apps/{application}/overlays/{environment}/kustomization.yaml"


def neighbour(root: Path, application: str, environment: str, order: Sequence[str]) -> str:
    """Returns the environment to take a version from: the nearest before it that has the application, else behind it.

    It is empty where no environment has the application.
    """
    at = order.index(environment)
    others = (*reversed(order[:at]), *order[at + 1 :])
    return next((other for other in others if (root / overlay_path(application, other)).is_file()), "")


def carried(root: Path, step: Step, order: Sequence[str]) -> tuple[Step, list[dict[str, Any]], str]:
    """Returns the step of a new overlay with the image of its neighbour, all images of that, and a note of what stays.

    The main image is the one that the answers name, else the first.
    """
    application = step.variables["application"]
    other = neighbour(root, application["name"], step.variables["environment"]["name"], order)
    if not other:
        return step, [], ""
    path = overlay_path(application["name"], other)
    body = _body(root / path, path)
    images = [image for _, image in items(body, "images")]
    named = [image for image in images if text(image, "name") == application["image_name"]]
    left = sorted(body.keys() - _GENERATED)
    note = f"{path} also has {', '.join(left)}, which {step.variables['environment']['name']} does not" if left else ""
    if not images:
        return step, [], note
    main, *_ = (*named, *images)
    version = {variable: str(main.get(key, "")) for variable, key in _MAIN.items()}
    everything = step.variables | {"application": application | version}
    return Step(step.template, everything), [main, *(image for image in images if image is not main)], note


def complete(written: str, images: Sequence[Mapping[str, Any]], path: str) -> str:
    """Returns a new overlay with what its template leaves out: a new name of its image, and further images."""
    for index, image in enumerate(images):
        if index:
            written = edit.append(written, ("images",), dict(image), path=path)
        elif "newName" in image:
            written = edit.put(written, ("images", 0, "newName"), image["newName"], path=path)
    return written


def _body(file: Path, path: str) -> dict[str, Any]:
    found = documents.read(file.read_bytes())
    if found.problems or len(found.documents) != 1 or not isinstance(found.documents[0].body, dict):
        line = found.problems[0].line if found.problems else 1
        raise Failure(f"{path}:{line}: this is no kustomization, and the version to deploy stands in it")
    body: dict[str, Any] = found.documents[0].body
    return body
