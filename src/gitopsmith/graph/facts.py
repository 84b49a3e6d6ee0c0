"""What the rest of a run needs to know of rendered objects."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace

from gitopsmith import argocd, kustomization, scaling, workload
from gitopsmith.application import Deployed, ObjectFact, Repository
from gitopsmith.graph.build import Build, BuildResult, Graph, Unit
from gitopsmith.kustomization import State
from gitopsmith.manifest import Origin, Resource, mapping
from gitopsmith.tree import Tree
from gitopsmith.validate import crd

WHOLE = workload.WORKLOADS | {"Namespace", "PersistentVolumeClaim"} | scaling.AUTOSCALERS
"""The kinds whose objects are kept whole: one Application's namespace may refuse another's pods, or hold its claims."""
ARGO_KINDS = frozenset({"Application", "ApplicationSet", "AppProject"})
SETTINGS = "argocd-cm"
CONTROLS = frozenset({SETTINGS, "argocd-cmd-params-cm", "argocd-rbac-cm"})
"""The ConfigMaps that say how Argo CD works, and who may do what with it."""
PATCHES = frozenset({"patches", "patchesStrategicMerge"})
DEFINITION = "CustomResourceDefinition"
SIZED = frozenset({"ConfigMap", DEFINITION, "Secret"})
"""The kinds of which an object may be too large to be applied."""


def declared_in(tree: Tree, entry: str) -> tuple[Resource, ...]:
    """Returns the Argo CD objects in the files that a directory includes, for when its build gives nothing.

    Of the ConfigMaps that control Argo CD, those that patch the ones of its release count too.
    """
    found = []
    for item in kustomization.reachable(tree, entry):
        for reference, state in item.states.items():
            if state is State.FOUND_FILE and reference.field in {"resources", "bases", *PATCHES}:
                for document in tree.documents(reference.target).documents:
                    resource = Resource(mapping(document.body), Origin(path=reference.target))
                    if is_control(resource) or (reference.field not in PATCHES and _is_argo(resource)):
                        found.append(resource)
    return tuple(found)


def facts(
    resources: Iterable[Resource], entry: str, scope: Callable[[str], str] = lambda _: "", commit: str = ""
) -> tuple[ObjectFact, ...]:
    """Returns the facts of a build's objects; ``scope`` tells it of a kind with its group."""
    return tuple(
        ObjectFact(
            resource.api_version,
            resource.kind,
            resource.namespace,
            resource.name,
            str(resource.annotations.get(argocd.SYNC_WAVE_ANNOTATION, "")),
            str(resource.annotations.get(argocd.HOOK_ANNOTATION, "")),
            str(resource.annotations.get(argocd.SYNC_OPTIONS_ANNOTATION, "")),
            entry,
            resource.origin.path,
            deadline if isinstance(deadline := resource.get("spec", "progressDeadlineSeconds"), int) else None,
            scope(resource.group_kind),
            commit,
            replace(resource, siblings=()) if resource.group_kind in WHOLE else None,
            _size(resource) if resource.kind in SIZED else 0,
            tuple(each.name for each in crd.served(resource.body)) if resource.kind == DEFINITION else (),
        )
        for resource in resources
    )


def _size(resource: Resource) -> int:
    """Returns the bytes of an object as JSON."""
    written = json.dumps(resource.body, separators=(",", ":"), ensure_ascii=False)
    return len(written.encode("utf-8", "surrogatepass"))


def repository(worked: Graph) -> Repository:
    """Returns what policies about the whole repository look at."""
    applications = tuple(unit.application for unit in worked.units)
    settings = {json.dumps(found := mapping(one.body, "data"), sort_keys=True): found for one in worked.settings}
    only = next(iter(settings.values())) if len(settings) == 1 else None
    return Repository(
        applications, worked.application_sets, worked.projects, deployed(worked), only, controls=worked.controls
    )


def deployed(worked: Graph) -> tuple[Deployed, ...]:
    """Returns what each Application applies, as far as it was rendered."""
    return tuple(_deployed(unit, worked.results) for unit in worked.units)


def _deployed(unit: Unit, results: dict[Build, BuildResult]) -> Deployed:
    built = [results[build] for build in unit.builds if build in results]
    sources = sum(source.type != "values" for source in unit.application.sources)
    complete = not unit.unverifiable and len(built) == sources and all(map(_is_whole, built))
    return Deployed(unit.application, tuple(fact for result in built for fact in result.objects), complete)


def argo_objects(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """Returns those of a build's objects that decide what else is applied, and how."""
    return tuple(resource for resource in resources if _is_argo(resource) or is_control(resource))


def is_control(resource: Resource) -> bool:
    """Tells whether an object is one of the ConfigMaps that control Argo CD."""
    return resource.group_kind == "ConfigMap" and resource.name in CONTROLS


def _is_argo(resource: Resource) -> bool:
    return resource.kind in ARGO_KINDS and resource.group == argocd.API_GROUP


def _is_whole(result: BuildResult) -> bool:
    """Tells whether everything that a build should give is there: a file that cannot be read hides what is in it."""
    return result.failure is None and not any(finding.rule == "yaml-syntax" for finding in result.findings)
