"""Which objects a patch, a replica count or a replacement means."""

from __future__ import annotations

import re
from typing import Any

from gitopsmith.manifest import mapping, text
from gitopsmith.positions.layers import Layered

_SETS = re.compile(r"\s*([^\s,!=()]+)\s+(in|notin)\s*\(([^)]*)\)\s*")
_EQUALS = re.compile(r"\s*([^\s,!=()]+)\s*(==|=|!=)\s*([^\s,()]*)\s*")
_EXISTS = re.compile(r"\s*(!?)\s*([^\s,!=()]+)\s*")


def selects(target: dict[str, Any], layered: Layered) -> bool:
    """Tells whether a patch's ``target`` matches, by the first or the present name (``resmap.Select``)."""
    body = layered.body
    group, _, version = text(body, "apiVersion").rpartition("/")
    first, last = layered.ids[0], layered.identity
    return (
        any(_matches(target.get("namespace"), namespace or "default") for namespace, _ in (first, last))
        and any(_matches(target.get("name"), name) for _, name in (first, last))
        and _matches(target.get("group"), group)
        and _matches(target.get("version"), version)
        and _matches(target.get("kind"), text(body, "kind"))
        and labels_match(target.get("labelSelector"), mapping(body, "metadata", "labels"))
        and labels_match(target.get("annotationSelector"), mapping(body, "metadata", "annotations"))
    )


def is_named_by(patch: Any, layered: Layered) -> bool:
    """Tells whether a patch without a target names the object, by its present name or any that it has had."""
    body = layered.body
    if text(patch, "apiVersion") != text(body, "apiVersion") or text(patch, "kind") != text(body, "kind"):
        return False
    wanted = (text(patch, "metadata", "namespace") or "default", text(patch, "metadata", "name"))
    known = [(namespace or "default", name) for namespace, name in (*layered.ids, layered.identity)]
    return wanted in known or (not layered.namespaced and wanted[1] in {name for _, name in known})


def _matches(pattern: Any, value: str) -> bool:
    """Matches as a whole, as kustomize anchors its patterns; an empty one matches everything."""
    if not isinstance(pattern, str) or not pattern:
        return True
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        return pattern == value


def labels_match(selector: Any, labels: dict[str, Any]) -> bool:
    """Evaluates a Kubernetes label selector; an empty one matches everything."""
    if not isinstance(selector, str):
        return True
    rest = selector.strip()
    while rest:
        verdict, end = _requirement(rest, labels)
        if not verdict:
            return False
        rest = rest[end:].lstrip(" ,") if end else ""
    return True


def _requirement(text_: str, labels: dict[str, Any]) -> tuple[bool, int]:
    if found := _SETS.match(text_):
        values = {value.strip() for value in found[3].split(",")}
        return (labels.get(found[1]) in values) == (found[2] == "in"), found.end()
    if found := _EQUALS.match(text_):
        return (labels.get(found[1]) == found[3]) == (found[2] != "!="), found.end()
    if found := _EXISTS.match(text_):
        return (found[2] in labels) == (not found[1]), found.end()
    return True, 0
