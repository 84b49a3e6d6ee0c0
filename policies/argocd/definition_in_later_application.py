"""The Application with a definition comes before those with objects of it.

The API server knows no object of a custom kind before its CustomResourceDefinition is there. Inside one Application
Argo CD puts definitions first, whatever the waves say (`gitops-engine/pkg/sync/sync_tasks.go`). Between Applications it
does not: one in an earlier wave whose objects need a definition of a later one fails its dry run with `no matches for
kind`; and where Argo CD waits for the earlier one to get healthy, the later one is never applied.

Exempt: definitions that the Application itself or another one not after it deploys; a definition in another
Application of the same wave, where a retry succeeds; `SkipDryRunOnMissingResource=true` on the object or its
Application; Applications that different directories render.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from gitopsmith import argocd
from gitopsmith.application import Application, Deployed, ObjectFact, Repository
from gitopsmith.finding import Severity
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
SKIPS = "SkipDryRunOnMissingResource=true"


def check_repository(repository: Repository) -> Iterator[Violation]:
    siblings: dict[str, list[Deployed]] = defaultdict(list)
    for each in repository.deployed:
        if each.application.entry is not None:
            siblings[each.application.entry].append(each)
    defined = _defined(repository.deployed)
    for group in siblings.values():
        for each in group:
            if SKIPS not in each.application.sync_options:
                yield from _too_early(each, group, defined)


def _too_early(each: Deployed, group: list[Deployed], defined: dict[str, list[Deployed]]) -> Iterator[Violation]:
    wave = _wave(each.application)
    for fact in _first_of_each_kind(each):
        owners = [owner for name in _names(fact) for owner in defined.get(name, ())]
        later = [owner for owner in owners if owner in group and _wave(owner.application) > wave]
        if later and {owner.application.key for owner in owners} == {owner.application.key for owner in later}:
            owner = later[0].application
            message = (
                f"{fact.kind} {fact.name!r} of Application {each.application.name!r} in wave {wave} needs the "
                f"definition that Application {owner.name!r} brings in wave {_wave(owner)}; put that one first"
            )
            yield Violation(("kind",), message, fact)


def _first_of_each_kind(each: Deployed) -> Iterator[ObjectFact]:
    first: dict[str, ObjectFact] = {}
    for fact in each.objects:
        if fact.name and SKIPS not in argocd.split_options(fact.options):
            first.setdefault(fact.resource.group_kind, fact)
    return iter(first.values())


def _defined(deployed: tuple[Deployed, ...]) -> dict[str, list[Deployed]]:
    found: dict[str, list[Deployed]] = defaultdict(list)
    for each in deployed:
        for fact in each.objects:
            if fact.kind == "CustomResourceDefinition":
                found[fact.name].append(each)
    return found


def _names(fact: ObjectFact) -> set[str]:
    """Returns the names that the definition of an object's kind has, by the usual ways to write a plural."""
    group, kind = fact.resource.group, fact.kind.lower()
    plurals = {kind, f"{kind}s", f"{kind}es", f"{kind.removesuffix('y')}ies"}
    return {f"{plural}.{group}" for plural in plurals} if group else set()


def _wave(application: Application) -> int:
    text = str(application.resource.annotations.get(argocd.SYNC_WAVE_ANNOTATION, "0"))
    return int(text) if text.removeprefix("-").isdecimal() else 0


GOOD = ["definition-in-time", "application-good"]
BAD = ["definition-in-later-application"]
