"""Shows objects without the values of their secrets: the keys stay, and whether a value changed."""

from __future__ import annotations

from typing import Any

from gitopsmith import secrets
from gitopsmith.applied.working import Manifest
from gitopsmith.applied.written import written
from gitopsmith.finding import Route
from gitopsmith.manifest import get, scalars, text
from gitopsmith.report import masking, secret_yaml
from gitopsmith.report.masking import MASK

CHANGED = f"{MASK} (changed)"
"""What stands for a value that another one stood for before."""
_OF_SECRET = frozenset({"apiVersion", "kind", "metadata", "type", "immutable"})
_DATA = frozenset({"data", "stringData"})
_TEMPLATES = frozenset({"template", "secretTemplates"})


def hidden(manifest: Manifest) -> str:
    """Returns the YAML of an object without the values of secrets; one without any stays as it is, byte by byte."""
    places = _places(manifest.resource.body)
    return _scrubbed(written(_shown(manifest.resource.body, None, places)) if places else manifest.text)


def hidden_pair(before: Manifest, after: Manifest) -> tuple[str, str]:
    """Returns the YAML of both states of an object; a hidden value that differs from the one before says so."""
    old, new = before.resource.body, after.resource.body
    places = _places(old) | _places(new)
    if places:
        texts = _scrubbed(written(_shown(old, None, places))), _scrubbed(written(_shown(new, old, places)))
    else:
        texts = _scrubbed(before.text), _scrubbed(after.text)
    if texts[0] == texts[1] and old != new:
        return texts[0], f"{texts[1]}# {CHANGED}\n"
    return texts


def _places(body: Any) -> dict[Route, bool]:
    """Returns the route of every scalar that holds a secret, and whether the scalar is nothing else."""
    places = {}
    for route, value in scalars(body):
        if _in_secret(body, route) or (isinstance(value, str) and _is_credential(body, route, value)):
            places[route] = True
        elif isinstance(value, str) and secret_yaml.hidden(value):
            places[route] = False
    return places


def _in_secret(body: Any, route: Route) -> bool:
    """Tells whether a value stands in a Secret's data, wherever in the object that Secret is written down."""
    if text(body, "kind") == "Secret":
        return route[:1] != () and route[0] not in _OF_SECRET
    for index, step in enumerate(route[:-1]):
        above = route[:index]
        if step == "stringData" or (
            step in _DATA and (get(body, *above, "kind") == "Secret" or _TEMPLATES & set(above))
        ):
            return True
    return False


def _is_credential(body: Any, route: Route, value: str) -> bool:
    name = route[-1] if route else ""
    if name == "value" and len(route) > 1 and isinstance(route[-2], int):
        name = text(body, *route[:-1], "name")
        if secrets.is_secret_name(name) and not secrets.is_harmless(value):
            return True
    if isinstance(name, int):
        name = next((option for at, option, _ in secrets.options(get(body, *route[:-1])) if at == name), "")
    return secrets.credential(str(name), value) is not None


def _shown(after: Any, before: Any, places: dict[Route, bool], route: Route = ()) -> Any:
    """Returns a body with what stands at the places masked; ``before`` is the same place in the state before."""
    if isinstance(after, dict):
        return {key: _shown(value, get(before, key), places, (*route, key)) for key, value in after.items()}
    if isinstance(after, list):
        return [_shown(value, get(before, index), places, (*route, index)) for index, value in enumerate(after)]
    return _mask(after, before, whole=places[route]) if route in places and after is not None else after


def _mask(after: Any, before: Any, *, whole: bool) -> str:
    """Masks a value; of a text that is more than a secret, only what is secret in it."""
    shown, was = (MASK if whole else secret_yaml.mask(str(value)) for value in (after, before))
    return f"{shown.rstrip()} (changed)" if before is not None and before != after and shown == was else shown


def _scrubbed(text_: str) -> str:
    """Hides what only shows once the text is read as a whole; marks that are there already stay."""
    pieces = [piece for piece in secret_yaml.hidden(text_) if MASK not in text_[piece.start : piece.end]]
    return masking.replaced(text_, pieces)
