"""A custom resource refers to objects by the names that they are deployed under.

A `namePrefix` or `nameSuffix` renames the objects of a build, and a generator adds a hash to its ConfigMaps and
Secrets. kustomize writes the new name into the fields that it knows to be references, which are those of Kubernetes'
own kinds (`api/internal/konfig/builtinpluginconsts/namereference.go`). Fields of custom kinds are not among them: there
the old name stays, and points to nothing. Which fields follow a kind is told by `nameReference`, in a file that the
kustomization lists under `configurations`.

Looked at are fields that are called references and tell the kind that they mean: `issuerRef`, `secretKeyRef`,
`secretName`, `configMapName`, `serviceName`, any `...Ref` or item of `...Refs` with a `kind`. The build has none of it
under the name, and one under what kustomize makes of the name.
Exempt: names that some object of the kind has; objects that are not renamed like those they refer to, and those in
another namespace; fields that name what a controller makes, such as the Secret of a Certificate; kinds of Kubernetes
itself; other fields.
"""

from __future__ import annotations

from gitopsmith.finding import Severity

SEVERITY = Severity.WARNING
STAGE = "evaluate"

GOOD = ["reference-renamed"]
BAD = ["reference-not-renamed"]
