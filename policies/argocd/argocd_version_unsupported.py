"""Argo CD is installed in a version that still gets fixes.

Only the newest three minors do (`docs/developer-guide/release-process-and-cadence.md` of Argo CD): what is found in
older ones, holes in its security too, stays there. Judged is the version in the URL that a kustomization installs it
from, by the minors that are known here.

Exempt: URLs without a version, for which `kustomize-remote-unpinned` speaks; installations from a chart or from a file.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.argocd import versions
from gitopsmith.finding import Severity
from gitopsmith.kustomization import Kustomization, State
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING


def check_kustomization(kustomization: Kustomization) -> Iterator[Violation]:
    oldest = versions.minors()[-versions.SUPPORTED]
    for reference, state in kustomization.states.items():
        found = versions.installed([reference.text]) if state is State.REMOTE else ""
        if found and versions.number(found) < versions.number(oldest):
            message = f"Argo CD {found} gets no fixes any more, {oldest} and newer do; upgrade one minor at a time"
            yield Violation(reference.route, message)


def _installing(version: str) -> str:
    url = f"https://raw.githubusercontent.com/argoproj/argo-cd/{version}/manifests/install.yaml"
    return f"namespace: argocd\nresources:\n  - {url}"


GOOD = [_installing("v3.6.1") + "\n"]
BAD = [
    _installing("v2.9.3") + "  # <- here\n",
    "resources:\n  - https://github.com/argoproj/argo-cd/manifests/cluster-install?ref=v3.0.0  # <- here\n",
]
