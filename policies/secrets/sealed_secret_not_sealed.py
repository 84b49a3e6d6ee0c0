"""The values of a SealedSecret are sealed.

A sealed value begins with the length of an RSA block, the block, and AES-GCM data (`pkg/crypto/crypto.go` of
sealed-secrets). Anything else the controller cannot decrypt: it makes no Secret, and what stands there may be the
secret itself. What `spec.template` holds is copied to the Secret as it is, so a credential there is in plain text.

Exempt: values that are to be filled in (`${NAME}`, `{{ }}`), and other text in the template.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import secrets
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, mapping, text
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR
KINDS = frozenset({"SealedSecret.bitnami.com"})


def check_resource(resource: Resource) -> Iterator[Violation]:
    for key, value in mapping(resource.body, "spec", "encryptedData").items():
        if isinstance(value, str) and not secrets.is_sealed(value) and not secrets.is_filled_in_later(value):
            message = f"SealedSecret {resource.name!r} has a value under {key!r} that is not sealed"
            yield Violation(("spec", "encryptedData", key), f"{message}; seal it with kubeseal")
    yield from _former(resource)
    for key, value in mapping(resource.body, "spec", "template", "data").items():
        found = secrets.credential(key, value) if isinstance(value, str) else None
        if found:
            message = f"the template of SealedSecret {resource.name!r} has {found.what} in plain text under {key!r}"
            yield Violation(("spec", "template", "data", key), f"{message}; seal it in encryptedData")


def _former(resource: Resource) -> Iterator[Violation]:
    """Yields what is wrong with ``spec.data``, in which a whole Secret was sealed before version 0.7."""
    value = text(resource.body, "spec", "data")
    if value and not secrets.is_sealed(value) and not secrets.is_filled_in_later(value):
        message = f"SealedSecret {resource.name!r} has data that is not sealed"
        yield Violation(("spec", "data"), f"{message}; seal it with kubeseal")


SEALED = "AQA" + "A" * 365
GOOD = [
    f"""\
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: web
spec:
  encryptedData:
    password: {SEALED}
"""
]
BAD = [
    f"""\
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: web
spec:
  encryptedData:
    password: a0Q4dnEyTHhUMG1a  # <- here
    token: {SEALED}
  template:
    data:
      clientSecret: kD8vq2LxT0mZ  # <- here
"""
]
