"""Writes down what is where and what promotions would bring: a table for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from gitopsmith.image import Image
from gitopsmith.release import Station, Step
from gitopsmith.report.excerpt import safe


def table(stations: Iterable[Station]) -> str:
    """Returns one line for each application, with a column for each environment, and one for each promotion."""
    known = tuple(stations)
    environments = tuple(dict.fromkeys(name for one in known for name in one.environments))
    rows = [("application", *environments), *(_row(one, environments) for one in known)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    steps = [line for one in known for step in one.steps for line in _step(one.app, step)]
    if known and not steps:
        steps = ["every environment has what the one before it has"]
    return "".join(f"{safe(line)}\n" for line in [*lines, "", *steps])


def _row(station: Station, environments: Iterable[str]) -> tuple[str, ...]:
    return (station.app, *(_cell(station, name) for name in environments))


def _cell(station: Station, environment: str) -> str:
    if environment in station.failures:
        return "broken"
    if environment not in station.environments:
        return "-"
    images = station.environments[environment]
    names = len({image.name for image in images}) > 1
    return ", ".join(f"{_short(image)} {image.version}" if names else image.version for image in images)


def _short(image: Image) -> str:
    return image.name.rpartition("/")[2]


def _step(app: str, step: Step) -> Iterator[str]:
    if step.failure:
        yield f"{app}: {step.source} -> {step.target}: {step.failure}"
        return
    pairs = dict.fromkeys(step.images.values())
    told = [f"{_short(after)} {before.version} -> {after.version}" for before, after in pairs]
    told += [f"{len(step.files)} files" if len(step.files) > 1 else step.files[0]] if step.files else []
    yield f"{app}: {step.source} -> {step.target}: {', '.join(told)}"
    if step.held:
        yield f"  on hold: {', '.join(step.held)}"
    else:
        yield f"  gitopsmith promote {app} --to {step.target}"


def document(stations: Iterable[Station]) -> str:
    """Returns the same as JSON, with whole references of images."""
    tree = {"version": 1, "applications": [_application(one) for one in stations]}
    return json.dumps(tree, indent=2) + "\n"


def _application(station: Station) -> dict[str, Any]:
    return {
        "name": station.app,
        "environments": [
            {"name": name, "images": [*map(str, images)], "failure": station.failures.get(name, "")}
            for name, images in station.environments.items()
        ],
        "promotions": [
            {
                "from": step.source,
                "to": step.target,
                "images": [
                    {"container": name, "before": str(before), "after": str(after)}
                    for name, (before, after) in step.images.items()
                ],
                "files": step.files,
                "held": step.held,
                "failure": step.failure,
            }
            for step in station.steps
        ],
    }
