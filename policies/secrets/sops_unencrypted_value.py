"""Everything that a SOPS file should encrypt is encrypted.

SOPS encrypts each value by itself. A value that was added with a plain editor stays readable, and stands in git
beside the encrypted ones; SOPS then refuses the whole file with `MAC mismatch`. Which values have to be encrypted,
the file says itself: `encrypted_regex`, `encrypted_suffix`, `unencrypted_regex`, `unencrypted_suffix`
(`shouldBeEncrypted` in `sops.go`). Files that a plugin decrypts and no build shows are looked at, too.

Exempt: empty values and null; files in which comments decide what is encrypted.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import secrets
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, pointer
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR
KINDS = frozenset({"*"})


def check_resource(resource: Resource) -> Iterator[Violation]:
    if secrets.is_sops(resource.body):
        for route in secrets.sops_unencrypted(resource.body):
            message = f"{pointer(resource.body, route)} stands in plain text in a file that SOPS encrypts"
            yield Violation(route, f"{message}; replace the value, and write the new one with sops")


SOPS = """\
sops:
  lastmodified: "2026-01-10T10:00:00Z"
  mac: ENC[AES256_GCM,data:c29tZSBtYWM=,iv:aXY=,tag:dGFn,type:str]
  encrypted_regex: ^(data|stringData)$
  version: 3.9.0
"""
GOOD = [
    f"""\
apiVersion: v1
kind: Secret
metadata:
  name: web
stringData:
  password: ENC[AES256_GCM,data:c29tZXRoaW5n,iv:aXY=,tag:dGFn,type:str]
{SOPS}"""
]
BAD = [
    f"""\
apiVersion: v1
kind: Secret
metadata:
  name: web
stringData:
  password: ENC[AES256_GCM,data:c29tZXRoaW5n,iv:aXY=,tag:dGFn,type:str]
  token: kD8vq2LxT0mZ  # <- here
{SOPS}"""
]
