"""Draws an outline: as a tree of text, as JSON, and as a Mermaid flowchart."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict

from gitopsmith.applied.deliveries import ROOT
from gitopsmith.applied.outline import Node, Outline, Part, walk
from gitopsmith.report.excerpt import safe

VERSION = 1


def text(found: Outline) -> str:
    """Returns the tree: by whom what is applied, and then what no Application deploys."""
    lines = [f"{'  ' * depth}{_line(what)}{' (see above)' if again else ''}" for depth, what, again in walk(found)]
    if found.unowned:
        lines += ["", "no Application deploys:", *(f"  {_line(part)}" for part in found.unowned)]
    if found.application_sets:
        lines += ["", "unverifiable, since not all that these generate is known:"]
        lines += [f"  ApplicationSet {one}" for one in found.application_sets]
    return safe("\n".join(lines).strip("\n")) + "\n"


def _line(what: Node | Part) -> str:
    if isinstance(what, Node):
        return f"Application {what.name}" + (f" -> {what.destination}" if what.destination else "")
    revision = f" {what.revision}" if what.type == "chart" and what.revision else ""
    return f"{what.entry or ROOT}{revision} ({what.type}): {_held(what)}"


def _held(part: Part) -> str:
    if part.failure:
        return f"fails: {part.failure}"
    if part.unknown:
        return f"unverifiable: {part.unknown}"
    return "values for others" if part.type == "values" else _kinds(part) or "nothing"


def _kinds(part: Part) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in part.kinds)


def as_json(found: Outline) -> str:
    """Returns the outline as JSON; Applications refer to each other by their ``id``, so that circles end."""
    tree = {
        "version": VERSION,
        "roots": list(found.roots),
        "applications": [
            {"id": number, **{key: value for key, value in asdict(node).items() if key != "parts"}}
            | {"sources": [_part(part) for part in node.parts]}
            for number, node in enumerate(found.applications)
        ],
        "applied_by_hand": [_part(part) for part in found.by_hand],
        "unowned": [_part(part) for part in found.unowned],
        "unverifiable": [{"application_set": one} for one in found.application_sets],
    }
    return json.dumps(tree, indent=2, ensure_ascii=True) + "\n"


def _part(part: Part) -> dict[str, object]:
    return {**asdict(part), "kinds": dict(part.kinds)}


def mermaid(found: Outline) -> str:
    """Returns a flowchart that GitHub and GitLab draw in Markdown."""
    return "\n".join(("flowchart LR", *_nodes(found))) + "\n"


def _nodes(found: Outline) -> Iterator[str]:
    for number, node in enumerate(found.applications):
        yield f'  a{number}(["{_label(f"Application {node.name}")}"])'
        for index, part in enumerate(node.parts):
            if part.type != "values":
                yield from _edges(f"a{number}s{index}", part)
                yield f"  a{number} --> a{number}s{index}"
    for prefix, parts in (("h", found.by_hand), ("u", found.unowned)):
        for index, part in enumerate(parts):
            yield from _edges(f"{prefix}{index}", part)


def _edges(name: str, part: Part) -> Iterator[str]:
    yield f'  {name}["{_label(part.entry or ROOT)}<br/>{_label(_held(part))}"]'
    yield from (f"  {name} --> a{number}" for number in part.applications)


def _label(said: str) -> str:
    """Writes every character that Mermaid or HTML would read as its own by its number."""
    plain = " ".join(safe(said).split())[:120]
    return "".join(one if one.isalnum() or one in " ./-_,:=+@" else f"#{ord(one)};" for one in plain)


FORMATS: dict[str, Callable[[Outline], str]] = {"text": text, "json": as_json, "mermaid": mermaid}
