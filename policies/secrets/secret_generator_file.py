"""A secretGenerator makes no Secret of a file that lies in git.

kustomize decrypts nothing: a file of the repository that `files`, `envs` or `env` names is in git as it goes into the
Secret (https://kubernetes.io/docs/tasks/configmap-secret/managing-secret-using-kustomize/). Keep it in a
SealedSecret, an ExternalSecret, or a file that SOPS encrypts and a plugin such as KSOPS decrypts.

An error where an env file, or a file of one line, holds a credential: a private key, a token as its vendor makes
them, a URL with a password, or a random value under a name such as `PASSWORD`. A warning for all other files, since
what is wrong in them is reported in the file itself, by the rule `secret-plaintext`.
Exempt: certificates and public keys, by their file names (`*.crt`, `*.pub`, `ca.pem`) or by what they hold; examples;
files in which every value is a placeholder; what SOPS encrypted; a configuration of Alertmanager that sends nothing,
for its receivers are names alone; and files that are not there, which another rule reports.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitopsmith import documents, secrets
from gitopsmith.finding import Severity
from gitopsmith.kustomization import Kustomization, Reference
from gitopsmith.manifest import mapping, sequence
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR
MASKED = False  # it points at the name of a file
PUBLIC_FILE = re.compile(
    r"\.(crt|cer|pub)\Z|(\A|[/._-])ca([._-]?(cert|bundle|chain))?\.pem\Z|example|sample|template", re.IGNORECASE
)
PARTS_OF_ALERTMANAGER = frozenset(
    {"global", "route", "receivers", "inhibit_rules", "templates", "time_intervals", "mute_time_intervals"}
)


def check_kustomization(kustomization: Kustomization) -> Iterator[Violation]:
    for reference, content in kustomization.contents.items():
        if reference.field != "secretGenerator" or PUBLIC_FILE.search(reference.target) or _is_harmless(content):
            continue
        found = secrets.credential(reference.target.rpartition("/")[2], content)
        what = f", with {found.what} in it" if found else ""
        message = f"secretGenerator makes a Secret of {reference.text!r}, which is in git in plain text{what}"
        is_told_here = found and (_is_variables(reference) or "\n" not in content)
        severity = Severity.ERROR if is_told_here else Severity.WARNING
        yield Violation(reference.route, f"{message}; encrypt it, and keep the file out of git", severity=severity)


def _is_harmless(content: str) -> bool:
    if secrets.certain(content):
        return False
    if "ENC[AES256_GCM," in content or secrets.is_harmless(content) or secrets.is_public(content):
        return True
    values = [value for _, value in secrets.fields(content)]
    return (bool(values) and all(secrets.is_harmless(value) for value in values)) or _sends_nothing(content)


def _sends_nothing(content: str) -> bool:
    """Tells whether a text is a configuration of Alertmanager in which nobody is told anything.

    A receiver that is not a name alone has an address, and ``global`` those that all receivers share.
    """
    if "receivers:" not in content:
        return False
    found = documents.read(content.encode())
    body = found.documents[0].body if len(found.documents) == 1 and not found.problems else None
    receivers = sequence(body, "receivers")
    return (
        bool(mapping(body, "route"))
        and mapping(body).keys() <= PARTS_OF_ALERTMANAGER
        and mapping(body, "global").keys() <= {"resolve_timeout"}
        and bool(receivers)
        and all(mapping(one).keys() == {"name"} for one in receivers)
    )


def _is_variables(reference: Reference) -> bool:
    """Tells whether a file gives a key for each of its lines."""
    *_, field = (step for step in reference.route if isinstance(step, str))
    return field.lower().startswith("env")


GOOD = [
    """\
secretGenerator:
  - name: web
    literals:
      - password=${PASSWORD}
""",
    "secret-generator-file-nobody-told",
]
BAD = ["secret-generator-file"]
