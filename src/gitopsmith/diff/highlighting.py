"""Picks what reviewers look for first: images, replicas, charts, and stateful things that go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gitopsmith import workload
from gitopsmith.application import Application
from gitopsmith.applied import Delivery, Manifest
from gitopsmith.diff import pairing
from gitopsmith.diff.comparing import FINALIZER
from gitopsmith.diff.values import Highlight, Loss
from gitopsmith.manifest import get, mapping, sequence, text
from gitopsmith.report import secret_yaml

STATEFUL = {
    "PersistentVolumeClaim": "its data go with it",
    "Namespace": "everything in it goes, too",
    "CustomResourceDefinition.apiextensions.k8s.io": "every object of this kind goes, too",
    "StatefulSet.apps": "its Pods go; its volumes may",
}
_REPLICAS = {
    "Deployment.apps": ("replicas",),
    "StatefulSet.apps": ("replicas",),
    "ReplicaSet.apps": ("replicas",),
    "Rollout.argoproj.io": ("replicas",),
    "HorizontalPodAutoscaler.autoscaling": ("minReplicas", "maxReplicas"),
}


@dataclass(frozen=True, slots=True)
class Compared:
    """Both states of one delivery, one of which may be missing, and the environments that it belongs to."""

    before: Delivery | None
    after: Delivery | None
    environments: tuple[str, ...]

    @property
    def label(self) -> str:
        now = self.after or self.before
        return now.label if now else ""

    @property
    def pairs(self) -> list[pairing.Pair[Manifest]]:
        """The objects of both states, those together that are the same."""
        return pairing.manifests(
            self.before.manifests if self.before else (), self.after.manifests if self.after else ()
        )


def highlights(compared: Iterable[Compared]) -> Iterator[Highlight]:
    """Yields every image, number of replicas and chart version that differs."""
    for one in compared:
        for what, before, after in _differing(one):
            yield Highlight(one.label, one.environments, what, secret_yaml.mask(before), secret_yaml.mask(after))


def _differing(compared: Compared) -> Iterator[tuple[str, str, str]]:
    for old, new in compared.pairs:
        yield from _compare(_values(old), _values(new))
    before, after = (one.application if one else None for one in (compared.before, compared.after))
    yield from _compare(_charts(before), _charts(after))


def _compare(before: dict[str, str], after: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield name, before.get(name, ""), after.get(name, "")


def _values(manifest: Manifest | None) -> dict[str, str]:
    """Returns what to compare of an object, by what it is called."""
    if manifest is None:
        return {}
    resource, name = manifest.resource, f"{manifest.object.kind}/{manifest.object.name}"
    found = {}
    for _, container in workload.containers(resource):
        found[f"image of {container.get('name', '?')} in {name}"] = str(container.get("image") or "")
    for field in _REPLICAS.get(resource.group_kind, ()):
        value = get(resource.body, "spec", field)
        if value is not None:
            found[f"{field} of {name}"] = str(value)
    return found


def _charts(app: Application | None) -> dict[str, str]:
    charts = (source for source in app.sources if source.chart) if app else ()
    return {f"chart {source.chart}": source.target_revision for source in charts}


def losses(compared: Iterable[Compared]) -> Iterator[Loss]:
    """Yields what is no longer applied and holds data, or holds other objects."""
    everything = tuple(compared)
    added = {new.object: one.label for one in everything for old, new in one.pairs if old is None and new is not None}
    for one in everything:
        for old, new in one.pairs:
            meaning = _meaning(old) if old is not None and new is None else ""
            if old is not None and meaning:
                moved = f"; {added[old.object]} applies it now" if old.object in added else ""
                yield Loss(one.label, one.environments, old.object, meaning + moved)


def _meaning(manifest: Manifest) -> str:
    resource = manifest.resource
    if resource.group_kind == "Application.argoproj.io":
        names = [str(name).partition("/")[0] for name in sequence(resource.body, "metadata", "finalizers")]
        return "everything that it applies goes, too" if FINALIZER in names else ""
    kept = "Prune=false" in text(mapping(resource.body, "metadata", "annotations"), "argocd.argoproj.io/sync-options")
    meaning = STATEFUL.get(resource.group_kind, "")
    return "stays in the cluster, since it has Prune=false" if meaning and kept else meaning
