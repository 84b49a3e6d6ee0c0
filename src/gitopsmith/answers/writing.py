"""Answers as a file to read again, and as variables of templates."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

from gitopsmith import __version__
from gitopsmith.answers.model import Answers, Application
from gitopsmith.answers.text import is_plain
from gitopsmith.image import parse

_HEAD = """\
# What this repository was made from. `gitopsmith add` keeps it up to date; nothing in the cluster reads it.
"""


def write(answers: Answers, version: str) -> str:
    """Returns the text of the answers file: every answer in one order, so that later defaults change none of them."""
    fields = [field.name for field in dataclasses.fields(answers)]
    lines = (line for name in fields for line in _entry(name, getattr(answers, name)))
    return _HEAD + "\n".join((f"template: {_scalar(version)}", *lines)) + "\n"


def _entry(name: str, value: Any) -> Iterator[str]:
    if not isinstance(value, tuple):
        yield f"{name}: {_scalar(value)}"
        return
    yield f"{name}:"
    for item in value:
        for index, (key, field) in enumerate(item._asdict().items()):
            yield f"  {' ' if index else '-'} {key}: {_scalar(field)}"


def _scalar(value: str | float) -> str:
    """Writes a value so that every version of YAML reads it as it is."""
    if isinstance(value, str) and not is_plain(value):
        return json.dumps(value, ensure_ascii=False)
    return value if isinstance(value, str) else json.dumps(value)


def variables(answers: Answers) -> dict[str, Any]:
    """Returns what templates are given: every answer by its name, the clusters, and gitopsmith's version.

    Environments, applications and teams are lists of maps; applications have the parts of their image as well, as
    ``image_name``, ``image_tag`` and ``image_digest``.
    """
    plain = {field.name: getattr(answers, field.name) for field in dataclasses.fields(answers)}
    return plain | {
        "environments": [item._asdict() for item in answers.environments],
        "applications": [_application(item) for item in answers.applications],
        "teams": [item._asdict() for item in answers.teams],
        "clusters": list(answers.clusters),
        "version": __version__,
    }


def _application(item: Application) -> dict[str, Any]:
    image = parse(item.image)
    return item._asdict() | {"image_name": image.name, "image_tag": image.tag, "image_digest": image.digest}
