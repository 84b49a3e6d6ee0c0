"""An overlay beside others that are deployed is deployed too.

A folder in which a new environment was prepared, and whose Application was never written, or one whose environment is
gone: nobody notices, since everything builds, and changes go on being made in a place that reaches no cluster. Told
apart from what is meant to lie there by its siblings: it includes what an overlay in a folder beside it includes, and
an Application deploys that one. Said once for all folders of one name.

Exempt: overlays that another kustomization includes; those that the paths of an ApplicationSet may match; templates;
folders that include nothing that their deployed siblings include; repositories of which no Application is known to
deploy anything.
"""

from __future__ import annotations

import fnmatch
import re
from collections import defaultdict
from collections.abc import Iterator

from gitopsmith.application import Repository
from gitopsmith.finding import Severity
from gitopsmith.kustomization import Kustomization, State
from gitopsmith.manifest import Resource, scalars
from gitopsmith.policy import Violation

SEVERITY = Severity.INFO
TEMPLATE = re.compile(r"\{\{[^{}]*\}\}|\$\{[^{}]*\}")


def check_repository(repository: Repository) -> Iterator[Violation]:
    left: dict[str, list[tuple[Kustomization, Kustomization]]] = defaultdict(list)
    for overlay, twin in _left(repository):
        left[overlay.directory.rpartition("/")[2]].append((overlay, twin))
    for name, pairs in left.items():
        overlay, twin = min(pairs, key=lambda pair: pair[0].path)
        more = f" (and {len(pairs) - 1} more folders named {name!r} beside deployed ones)" if len(pairs) > 1 else ""
        message = f"no Application deploys this, as one does {twin.directory!r} beside it; add one, or remove it{more}"
        yield Violation((), message, overlay)


def _left(repository: Repository) -> Iterator[tuple[Kustomization, Kustomization]]:
    """Yields each overlay that reaches no cluster with one beside it that does."""
    entries = {source.directory_path for each in repository.applications for source in each.sources if source.own}
    included = {target for each in repository.kustomizations for target in _includes(each)}
    patterns = tuple(pattern for each in repository.application_sets for pattern in _patterns(each))
    for siblings in _beside(repository.kustomizations).values():
        deployed = [each for each in siblings if each.directory in entries]
        for each in siblings:
            if each.path in repository.deployed_files or each.directory in included or _is_matched(each, patterns):
                continue
            twin = next((other for other in deployed if _includes(each) & _includes(other)), None)
            if twin is not None and not each.template:
                yield each, twin


def _beside(kustomizations: tuple[Kustomization, ...]) -> dict[str, list[Kustomization]]:
    found: dict[str, list[Kustomization]] = defaultdict(list)
    for each in kustomizations:
        if not each.is_component and "/" in each.directory:
            found[each.directory.rpartition("/")[0]].append(each)
    return found


def _includes(kustomization: Kustomization) -> set[str]:
    return {item.target for item, state in kustomization.states.items() if state is State.FOUND_DIRECTORY}


def _patterns(application_set: Resource) -> Iterator[str]:
    for _, value in scalars(application_set.body):
        if isinstance(value, str) and ("/" in value or "{{" in value or "*" in value) and "://" not in value:
            yield TEMPLATE.sub("*", value).strip("/")


def _is_matched(kustomization: Kustomization, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(kustomization.directory, pattern) for pattern in patterns)


GOOD = ["overlay-deployed", "application-good"]
BAD = ["overlay-not-deployed"]
