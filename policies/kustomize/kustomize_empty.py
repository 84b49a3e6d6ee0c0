"""A kustomization has something to build.

kustomize refuses a file without content, or with nothing but `apiVersion` and `kind`: `kustomization.yaml is empty`
(`api/types/kustomization.go`). Everything that includes the directory fails with it.

Exempt: a field with an empty list, such as `resources: []`, which kustomize takes.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.kustomization import Kustomization
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR
PROFILE = "minimal"


def check_kustomization(kustomization: Kustomization) -> Iterator[Violation]:
    if kustomization.is_empty and not kustomization.problems:
        yield Violation((), "kustomize refuses an empty kustomization; write 'resources: []' or delete the file")


GOOD = [
    """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: []
"""
]
BAD = [
    """\
apiVersion: kustomize.config.k8s.io/v1beta1  # <- here
kind: Kustomization
"""
]
