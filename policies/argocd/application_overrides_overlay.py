"""What an Application deploys is in the overlay, not in the Application.

Argo CD hands `spec.source.kustomize` to kustomize on top of the overlay (`util/kustomize/kustomize.go`): an image, a
patch or a number of replicas that stands there wins over what the overlay says, and `kustomize build` of the overlay no
longer shows what runs. A release or a promotion that writes into the overlay changes nothing then, and a rollback that
takes the overlay back leaves it as it is.

An opinion, off until it is asked for. Exempt: sources in other repositories, which have no overlay here to write it in;
Applications that a `pullRequest` generator makes, since no overlay can know the image of a proposed change.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.application import Application
from gitopsmith.finding import Severity
from gitopsmith.manifest import get, mapping, scalars
from gitopsmith.policy import OFF, Violation

SEVERITY = Severity.INFO
PROFILE = OFF
FIELDS = (
    "images", "replicas", "patches", "components", "namePrefix", "nameSuffix", "commonLabels", "commonAnnotations",
)  # fmt: skip


def check_application(application: Application) -> Iterator[Violation]:
    for source in application.sources if not application.disabled and not _is_preview(application) else ():
        route = (*source.route, "kustomize")
        written = [name for name in FIELDS if mapping(application.body, *route).get(name)]
        if written and source.own and source.type == "kustomize":
            more = f" and {len(written) - 1} more" if len(written) > 1 else ""
            message = (
                f"kustomize.{written[0]}{more} of this Application wins over {source.directory_path}, where releases "
                "and rollbacks are written; move it there"
            )
            yield Violation((*route, written[0]), message)


def _is_preview(application: Application) -> bool:
    made = application.generation
    found = get(made.application_set.body, *made.generator) if made is not None else None
    return any("pullRequest" in route for route, _ in scalars(found))


APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
spec:
  project: shop
  source:
    repoURL: https://git.example.com/team/fleet.git
    targetRevision: main
    path: apps/web/overlays/prod
    kustomize:
"""
REST = """\
  destination:
    name: production
    namespace: web
"""
GOOD = ["application-good", APPLICATION + "      forceCommonLabels: true\n" + REST]
BAD = ["application-overrides-overlay"]
