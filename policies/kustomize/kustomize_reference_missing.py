"""Every file and directory that a kustomization names exists.

kustomize stops at the first entry that it cannot find (`accumulating resources: ... no such file or directory`), so
Argo CD applies nothing of the build. This is what a deleted or renamed file leaves behind, and a hook that looks only
at changed files never sees it. Every kustomization is checked, also those that no Application reaches yet.

A warning: a file whose name says that it holds a secret. Such files are often kept out of git on purpose and lie only
where somebody builds by hand; what Argo CD can take is an encrypted one. Where Argo CD builds, the failing build is an
error of its own (`kustomize-build`).

Exempt: remote entries, inline patches, and entries that are to be filled in (`${ENV}`, `{{ name }}`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.kustomization import Form, Kustomization, Reference, State
from gitopsmith.policy import Violation
from gitopsmith.secrets import is_filled_in_later

SEVERITY = Severity.ERROR
PROFILE = "minimal"
NEEDED = {Form.FILE: "file", Form.DIRECTORY: "directory", Form.RESOURCE: "file or directory"}

KEPT_OUT_OF_GIT = r"(?i)(?:\A|[-_.])(?:secrets?|credentials?|creds)(?:[-_.]|\Z)"


def check_kustomization(kustomization: Kustomization) -> Iterator[Violation]:
    for reference, state in kustomization.states.items():
        if state is State.MISSING and not is_filled_in_later(reference.text):
            is_kept_out = _is_kept_out_of_git(reference)
            needed = NEEDED.get(reference.form, "file")
            remedy = "add it encrypted, for Argo CD has what is in git alone" if is_kept_out else "add it"
            yield Violation(
                reference.route,
                f"{reference.field} names {reference.text!r}, and there is no {needed} {reference.target!r}; "
                f"{remedy}, or remove the entry",
                severity=Severity.WARNING if is_kept_out else None,
            )


def _is_kept_out_of_git(reference: Reference) -> bool:
    return re.search(KEPT_OUT_OF_GIT, reference.target.rpartition("/")[2]) is not None


GOOD = ["kustomize-reference-good"]
BAD = [
    """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - deployment.yaml  # <- here
patches:
  - path: replicas.yaml  # <- here
configMapGenerator:
  - name: web
    files:
      - settings=web.properties  # <- here
""",
    """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - secret-git-creds.yaml  # <- here
""",
]
