"""Writes down what is applied: as one stream of YAML, or as one file for each object."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from gitopsmith.applied.deliveries import Delivery
from gitopsmith.applied.working import Manifest

Show = Callable[[Manifest], str]
_ODD = re.compile(r"[^A-Za-z0-9._-]+")


def stream(found: Iterable[Delivery], show: Show) -> str:
    """Returns one stream of YAML, with a comment before what each Application, or each build of nobody's, applies."""
    return "".join(piece for delivery in found for piece in _pieces(delivery, show))


def _pieces(delivery: Delivery, show: Show) -> Iterator[str]:
    built = ", ".join(build.entry or "." for build in delivery.builds)
    title = f"Application {delivery.label} ({built})" if delivery.application else delivery.label
    yield f"# {' '.join(title.split())}\n"
    for manifest in delivery.manifests:
        text = show(manifest)
        yield f"---\n{text}" + ("" if text.endswith("\n") else "\n")


def files(found: Iterable[Delivery], show: Show) -> dict[str, str]:
    """Returns the text of each file: ``<application>/<kind>-<name>.yaml``, with more words where two would be one."""
    written: dict[str, str] = {}
    folders: set[str] = set()
    for delivery in found:
        folder = _free(_candidates(delivery.label, *delivery.identity), folders)
        folders.add(folder)
        taken: set[str] = set()
        for manifest in delivery.manifests:
            one = manifest.object
            name = f"{one.kind.lower()}-{one.name or 'unnamed'}"
            file = _free(_candidates(name, one.namespace, manifest.resource.group), taken)
            taken.add(file)
            written[f"{folder}/{file}.yaml"] = show(manifest)
    return written


def _candidates(*words: str) -> Iterator[str]:
    """Yields names of ever more of the words, and then with a number."""
    names = [_ODD.sub("-", word).strip("-.") for word in words if word]
    for last in range(1, len(names) + 1):
        yield "-".join(filter(None, names[:last])) or "root"
    number = 2
    while True:
        yield f"{names[0] if names else 'root'}-{number}"
        number += 1


def _free(candidates: Iterator[str], taken: set[str]) -> str:
    """Returns the first name that is not taken, wherever capitals make no difference."""
    return next(name for name in candidates if name.lower() not in {one.lower() for one in taken})
