"""A SealedSecret is deployed under the name and in the namespace that it was sealed for.

Both are part of the encryption: kubeseal writes them into the label of every value, and the controller decrypts with
the name and namespace that it finds (`EncryptionLabel` and `Unseal` in
`pkg/apis/sealedsecrets/v1alpha1/sealedsecret_expansion.go` of sealed-secrets). Where a `namePrefix`, `nameSuffix` or
`namespace` of a kustomization changes them, there is no Secret: the controller says `no key could decrypt secret`, the
SealedSecret is Degraded, and the pods that need it do not start.

Looked at are sealed values that stand in the file of the object. What that file says, or the template beside the
values, is what they were sealed for. With the annotation `sealedsecrets.bitnami.com/namespace-wide: "true"` the
namespace alone counts.

Exempt: `sealedsecrets.bitnami.com/cluster-wide: "true"`; files that name no namespace, of which nobody knows what they
were sealed for; values that a patch brings, and those that are not sealed; objects that no kustomization builds.
"""

from __future__ import annotations

from gitopsmith.finding import Severity

SEVERITY = Severity.ERROR
STAGE = "evaluate"

GOOD = ["sealed-secret-kept"]
BAD = ["sealed-secret-renamed"]
