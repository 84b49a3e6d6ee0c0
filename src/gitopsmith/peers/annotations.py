"""What annotations for other linters leave out on an object, read as each of those linters reads them.

kube-linter: https://docs.kubelinter.io/#/configuring-kubelinter, "Ignoring violations for specific cases".
kube-score: ``scorecard/enabled.go``, which reads the annotations of the pod template too.
Polaris: ``hasExemptionAnnotation`` in ``pkg/validator/schema.go``.
checkov: ``get_skipped_checks`` in ``checkov/kubernetes/kubernetes_utils.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from gitopsmith.manifest import Resource, text
from gitopsmith.peers.table import load
from gitopsmith.workload import pod_annotations

EVERY_CHECK = "*"
_KUBE_LINTER = "ignore-check.kube-linter.io/"
_KUBE_LINTER_ALL = "kube-linter.io/ignore-all"
_KUBE_SCORE = "kube-score/ignore"
_KUBE_SCORE_IMPLIED = {"container-resources": "container-ephemeral-storage-request-and-limit"}
_POLARIS = "polaris.fairwinds.com/"
_CHECKOV = ("checkov.io/skip", "bridgecrew.io/skip", "cortex.io/skip")

Exempt = tuple[str, str]
"""The id of a check, or ``*`` for all of them, and the reason that is given, which may be empty."""


def exemptions(resource: Resource, peers: Iterable[str]) -> dict[str, str]:
    """Returns the rules of ours that annotations for some linters silence on an object, each with its reason.

    A check that is only part of what a rule asks for silences nothing: the rest of the rule would be silent too.
    """
    silenced: dict[str, str] = {}
    for peer in peers:
        checks = load()[peer].checks
        for name, reason in _READERS[peer](resource):
            exempt = checks.values() if name == EVERY_CHECK else [checks[name]] if name in checks else []
            for rule in (rule for check in exempt for rule in check.rules):
                silenced.setdefault(rule, reason.strip() or f"as {peer}'s annotation says")
    return silenced


def _kube_linter(resource: Resource) -> Iterator[Exempt]:
    for key, value in _texts(resource.annotations):
        if key == _KUBE_LINTER_ALL:
            yield EVERY_CHECK, value
        elif key.startswith(_KUBE_LINTER):
            yield key.removeprefix(_KUBE_LINTER), value


def _kube_score(resource: Resource) -> Iterator[Exempt]:
    for written in (resource.annotations, pod_annotations(resource)):
        for name in text(written, _KUBE_SCORE).split(","):
            yield name.strip(), ""
            yield _KUBE_SCORE_IMPLIED.get(name.strip(), ""), ""


def _polaris(resource: Resource) -> Iterator[Exempt]:
    for key, value in _texts(resource.annotations):
        if key.startswith(_POLARIS) and value.lower() == "true":
            name = key.removeprefix(_POLARIS)
            yield (EVERY_CHECK if name == "exempt" else name.removesuffix("-exempt")), ""


def _checkov(resource: Resource) -> Iterator[Exempt]:
    for key, value in _texts(resource.annotations):
        if key.startswith(_CHECKOV):
            name, _, reason = value.partition("=")
            yield name.strip(), reason


def _texts(annotations: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    return ((key, value) for key, value in annotations.items() if isinstance(value, str))


_READERS: Mapping[str, Callable[[Resource], Iterator[Exempt]]] = {
    "kube-linter": _kube_linter,
    "kube-score": _kube_score,
    "polaris": _polaris,
    "checkov": _checkov,
}
ANNOTATED = tuple(_READERS)
"""The linters whose annotations can be read."""
