"""A secretGenerator makes no Secret of a file that lies in git.

kustomize decrypts nothing: a file of the repository that `files`, `envs` or `env` names is in git as it goes into the
Secret (https://kubernetes.io/docs/tasks/configmap-secret/managing-secret-using-kustomize/). Keep it in a SealedSecret,
an ExternalSecret, or a file that SOPS encrypts and a plugin such as KSOPS decrypts.

Exempt: certificates and public keys by their file names (`*.crt`, `*.pub`, `ca.pem`), examples, and files that are not
there, which another rule reports.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.kustomization import Kustomization, State
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
MASKED = False  # it points at the name of a file
PUBLIC_FILE = re.compile(
    r"\.(crt|cer|pub)\Z|(\A|[/._-])ca([._-]?(cert|bundle|chain))?\.pem\Z|example|sample|template", re.IGNORECASE
)


def check_kustomization(kustomization: Kustomization) -> Iterator[Violation]:
    for reference, state in kustomization.states.items():
        is_secret = reference.field == "secretGenerator" and not PUBLIC_FILE.search(reference.target)
        if is_secret and state is State.FOUND_FILE:
            message = f"secretGenerator makes a Secret of {reference.text!r}, which is in git in plain text"
            yield Violation(reference.route, f"{message}; encrypt it, and keep the file out of git")


GOOD = [
    """\
secretGenerator:
  - name: web
    literals:
      - password=${PASSWORD}
"""
]
BAD = ["secret-generator-file"]
