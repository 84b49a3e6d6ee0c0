"""Container images name their digest.

A tag can be moved to another build by whoever may push to the registry; a digest is the build itself
(https://kubernetes.io/docs/concepts/containers/images/#image-names). An opinion: it needs a tool that keeps digests
current.

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
        if not image.digest:
            what = f"tag {image.tag!r}" if image.tag else "no tag"
            yield Violation(route, f"image {image.name!r} has {what}, which names no build for ever; add its digest")


GOOD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:1.4.2@sha256:4bcd3f0d2a2bf0e0d0c7d2a2f5b9d1d3c1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6
"""
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
"""
]
