"""An image tag stands for one build.

Tags such as `stable`, `main` or `nightly` are moved with every release by those who publish the image, and a lone
major version (`15`, `v1`, `1-alpine`) with every minor one. The same manifest then runs different software from one
day to the next, without a commit (https://kubernetes.io/docs/concepts/containers/images/).

Exempt: images with a digest; tags with a minor version such as `1.4`, which for many images is a whole version; a
branch with a commit or a date behind it (`main-3f2a9c1`, `nightly-20260101`); `latest` and no tag, which are the rule
`image-unpinned`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.image import is_moving
from gitopsmith.manifest import Resource
from gitopsmith.policy import Violation
from gitopsmith.workload import WORKLOADS, images

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = WORKLOADS


def check_resource(resource: Resource) -> Iterator[Violation]:
    for route, image in images(resource):
        if not image.digest and is_moving(image.tag):
            message = f"image {image.name!r} follows {image.tag!r}, a tag that moves; write a whole version or a digest"
            yield Violation(route, message)


GOOD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:main-3f2a9c1
    - name: cache
      image: redis:7.4
    - name: proxy
      image: nginx:stable@sha256:4bcd3f0d2a2bf0e0d0c7d2a2f5b9d1d3c1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6
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
      image: shop/web:main  # <- here
    - name: database
      image: postgres:15-alpine  # <- here
    - name: proxy
      image: nginx:stable  # <- here
"""
]
