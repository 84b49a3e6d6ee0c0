"""What of Argo CD a cluster holds already, and whose it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gitopsmith.argocd import repository_identity
from gitopsmith.bootstrap.checks import Check, failed, passed
from gitopsmith.bootstrap.credential import NAMESPACE
from gitopsmith.bootstrap.install import first_image
from gitopsmith.manifest import mapping, text

ANNOTATION = "gitopsmith.io/repository"
"""On the namespace: the repository that the Argo CD in it was installed from."""
ROOT = "platform-in-cluster"


def judge(url: str, namespace: Any, workloads: Sequence[Any], applications: Sequence[Any], wanted: str) -> Check:
    """Tells whether this repository may install Argo CD here: where there is none yet, or this one's own.

    ``workloads`` are all Deployments and StatefulSets that are part of an Argo CD; ``wanted`` is the image to be.
    """
    elsewhere = sorted({text(one, "metadata", "namespace") for one in workloads} - {NAMESPACE})
    if elsewhere:
        return failed(
            "Argo CD",
            f"namespace {elsewhere[0]} holds an Argo CD already; two on one cluster would fight over their definitions"
            " and cluster roles: remove that one, or choose another cluster",
        )
    owner = _owner(namespace, applications)
    if owner and repository_identity(owner) != repository_identity(url):
        return failed("Argo CD", f"the Argo CD in namespace {NAMESPACE} belongs to {owner}, not to {url}")
    image = next((first_image(one) for one in workloads if text(one, "metadata", "name") == "argocd-server"), "")
    if workloads and not owner:
        return failed(
            "Argo CD",
            f"namespace {NAMESPACE} holds an Argo CD ({image or 'of unknown version'}) that did not come from this"
            f" repository; remove it, or, to take it over, run"
            f" kubectl annotate namespace {NAMESPACE} {ANNOTATION}={url}",
        )
    if not workloads:
        return passed("Argo CD", f"none in this cluster yet; {wanted or 'the one in the repository'} will be installed")
    return passed(
        "Argo CD", f"{image}, from this repository" + ("" if image == wanted else f"; the repository has {wanted}")
    )


def manages_itself(applications: Sequence[Any]) -> bool:
    """Tells whether the Application that holds Argo CD's own install is there."""
    return any(text(one, "metadata", "name") == "argocd" for one in applications)


def _owner(namespace: Any, applications: Sequence[Any]) -> str:
    said = mapping(namespace, "metadata", "annotations").get(ANNOTATION)
    if isinstance(said, str) and said:
        return said
    return next((text(one, "spec", "source", "repoURL") for one in applications if _is_root(one)), "")


def _is_root(application: Any) -> bool:
    return text(application, "metadata", "name") == ROOT
