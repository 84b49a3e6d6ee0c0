"""A file that SOPS encrypted has what SOPS needs to decrypt it.

SOPS keeps beside the values for whom they are encrypted, when they changed last, and a message authentication code
over them, in the field `sops` (`stores/stores.go`). A file that lost it, such as one that was cut out of another or
merged by hand, holds values that nobody can read again: the plugin that decrypts for Argo CD fails with `sops
metadata not found`.

Looked at: every YAML and JSON file with ciphertext in it, rendered or not.
Exempt: documents without `sops` in a file of several, since what is read there is not known.
"""

from __future__ import annotations

from gitopsmith.finding import Severity

SEVERITY = Severity.ERROR
STAGE = "encrypted"

GOOD = ["sops-files-good"]
BAD = ["sops-metadata-invalid"]
