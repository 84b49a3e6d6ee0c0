"""No file with a credential lies in the repository.

Whoever may read the repository has the credential, and everybody who ever cloned it keeps it. Files are known by their
names: environments (`.env`, `*.env`, `.env.*`), private keys (`*.pem`, `*.key`, `id_rsa` and its like) and kubeconfigs.
They are spoken of only where a credential is found in them: a private key, a token as its vendor makes it, a URL with a
password. No kustomization reads them, so no other rule sees them.

A warning where only a variable's name and a random value tell that it is one.
Exempt: files that git ignores; those that a kustomization names (`secret-generator-file`, `secret-in-configmap`);
certificates and public keys; keys with a passphrase; what SOPS or git-crypt encrypted; placeholders; examples, samples,
templates, and files of tests by their path; files above 1 MiB.
"""

from __future__ import annotations

from gitopsmith.finding import Severity

SEVERITY = Severity.ERROR
STAGE = "committed"

GOOD = ["secret-file-harmless"]
BAD = ["secret-file-committed"]
