"""An image whose tag moves is looked up whenever a pod starts.

With `imagePullPolicy: IfNotPresent`, which is what it means to leave it out for every tag but `latest`
(`SetDefaults_Container` in `pkg/apis/core/v1/defaults.go` of Kubernetes), each node keeps the build that it pulled
first: the pods of one Deployment run different software, and a fix that was pushed reaches only new nodes. With
`Always` and an image that is there already, nothing is pulled again.

Off by default: better than another policy is a tag that stays, which `image-tag-floating` and `image-unpinned` ask for.
Exempt: tags that stand for one build, digests, and `Never`, which is for images that no registry has.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.image import is_moving
from gitopsmith.manifest import Resource, text
from gitopsmith.policy import Violation
from gitopsmith.workload import WORKLOADS, images

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = WORKLOADS
PROFILE = "production"


def check_resource(resource: Resource) -> Iterator[Violation]:
    for route, image in images(resource):
        policy = text(resource.body, *route[:-1], "imagePullPolicy")
        if image.digest or policy in {"Always", "Never"}:
            continue
        latest = image.tag in {"", "latest"}
        if is_moving(image.tag) or (latest and policy == "IfNotPresent"):
            message = f"each node keeps the build of image {image.name!r} that it pulled first"
            yield Violation((*route[:-1], "imagePullPolicy"), f"{message}; write Always, or a tag that does not move")


GOOD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
""",
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:main
      imagePullPolicy: Always
""",
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:latest
""",
]
BAD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web  # <- here
      image: shop/web:main
""",
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:latest
      imagePullPolicy: IfNotPresent  # <- here
""",
]
