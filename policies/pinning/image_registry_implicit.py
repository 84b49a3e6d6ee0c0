"""Container images name their registry.

A name without one, such as `nginx` or `shop/web`, is completed by the node: with Docker Hub by most, with the first of
a list by others (`unqualified-search-registries` of CRI-O), so that an image of somebody else may be run. Docker Hub
also limits how often an address may pull (https://kubernetes.io/docs/concepts/containers/images/#image-names). An
opinion.

Exempt: what `image-unpinned` leaves alone, since something else decides about the image.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import OFF, Violation
from gitopsmith.workload import WORKLOADS, images

SEVERITY = Severity.INFO
SIBLINGS = True
KINDS = WORKLOADS
PROFILE = OFF


def check_resource(resource: Resource) -> Iterator[Violation]:
    for route, image in images(resource):
        first, slash, _ = image.name.partition("/")
        if not slash or not ({".", ":"} & set(first) or first == "localhost"):
            yield Violation(
                route, f"image {image.name!r} names no registry; write it out, such as docker.io/{image.name}"
            )


GOOD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: registry.example.com/shop/web:1.4.2
""",
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: localhost:5000/web:1.4.2
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
    - name: web
      image: shop/web:1.4.2  # <- here
""",
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: nginx:1.27.3  # <- here
""",
]
