"""A file that a creation rule of SOPS is about is encrypted.

`.sops.yaml` says by `path_regex` which files `sops` encrypts, and with what; the first rule that fits is the file's
(https://getsops.io/docs/#using-sops-yaml-conf-to-select-kms-pgp-and-age-for-new-files). A file that falls under one
and was committed as it was written escaped it, and its values are in git in plain text.

An error where a Secret holds a credential, or another file one beyond doubt; else a warning. Of a Secret every value
that the rule wants encrypted counts, of other files those that are credentials by name and shape.
Exempt: rules without `path_regex`, which fit every file; kustomizations; placeholders, and what is made to be public.
"""

from __future__ import annotations

from gitopsmith.finding import Severity

SEVERITY = Severity.ERROR
STAGE = "encrypted"

GOOD = ["sops-files-good"]
BAD = ["sops-rule-escaped"]
