"""Every kustomization that is deployed, or that stands for itself, can be built.

When `kustomize build` fails, Argo CD shows `ComparisonError` and applies nothing, not even the objects that are right
(`util/kustomize/kustomize.go`). The renderer is the program that Argo CD uses itself, with its default load
restrictor, and the message is kustomize's own.

Exempt: builds that need what is not here, such as a remote base, a plugin, or a chart that is not vendored or that
nothing allows kustomize to inflate: they are counted in a note. A kustomization that is a template to be filled in,
and that no Application reaches, gets a note too. A missing file or an empty kustomization is reported by the rule
that knows more about it, not twice.
"""

from __future__ import annotations

from gitopsmith.finding import Severity

SEVERITY = Severity.ERROR
PROFILE = "minimal"
STAGE = "render"

GOOD = ["kustomize-build-good"]
BAD = ["kustomize-build-bad"]
