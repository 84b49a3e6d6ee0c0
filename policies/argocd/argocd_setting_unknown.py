"""Argo CD has the settings that its ConfigMaps set.

A key of argocd-cm or argocd-cmd-params-cm that Argo CD does not know does nothing, and nobody is told: neither of a
misspelt one, nor of one that a newer version has no use for. `repositories` and `repository.credentials` were the way
to declare repositories before 3.0, `server.rbac.log.enforce.enable` is always in force since then
(`docs/operator-manual/upgrading/2.14-3.0.md` of Argo CD). What is known is read in the sources of Argo CD
(`schemas/argocd/versions.tsv`).

Exempt: keys that are like none that is known, since a plugin or an operator may read them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from gitopsmith.argocd import versions
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
KINDS = frozenset({"ConfigMap"})
NAMES = frozenset({"argocd-cm", "argocd-cmd-params-cm"})
GONE = {
    "repositories": "a Secret with the label argocd.argoproj.io/secret-type: repository",
    "repository.credentials": "a Secret with the label argocd.argoproj.io/secret-type: repo-creds",
}
"""What took the place of keys that are gone since 3.0."""
NEAR = 0.9
ALIKE = 0.8


def check_resource(resource: Resource) -> Iterator[Violation]:
    data = resource.get("data")
    for key in data if resource.name in NAMES and isinstance(data, dict) else ():
        if message := _wrong(resource.name, str(key)):
            yield Violation(("data", key), message)


def _wrong(kind: str, key: str) -> str:
    known = versions.known(kind)
    if key in GONE:
        return f"Argo CD does not read {key!r} since 3.0; write {GONE[key]}"
    last = versions.gone(kind, key, versions.minors()[-1])
    if last:
        return f"Argo CD has no setting {key!r} after {last}; remove it"
    near = [] if key in known else difflib.get_close_matches(key, known, n=1, cutoff=NEAR)
    if near and _is_misspelt(key.split("."), near[0].split(".")):
        return f"Argo CD has no setting {key!r}, so it does nothing; write {near[0]!r}"
    return ""


def _is_misspelt(words: list[str], near: list[str]) -> bool:
    """Tells whether one word differs, and that a little: two words, as in ``a.qps`` and ``b.qps``, are two settings."""
    wrong = [(mine, theirs) for mine, theirs in zip(words, near, strict=False) if mine != theirs]
    if len(words) != len(near) or len(wrong) != 1:
        return False
    return difflib.SequenceMatcher(None, *wrong[0]).ratio() > ALIKE


HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: argocd-cm\ndata:\n"
GOOD = [
    HEAD + '  timeout.reconciliation: 60s\n  accounts.robot: apiKey\n  resource.customizations.health.batch_Job: ""\n',
    HEAD.replace("argocd-cm", "web") + "  timeout.reconcilation: 60s\n",
]
BAD = [
    HEAD + "  timeout.reconcilation: 60s  # <- here\n  server.rbac.log.enforce.enable: 'true'  # <- here\n",
    HEAD + "  repositories: ''  # <- here\n",
]
