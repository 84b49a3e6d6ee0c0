"""Container images name one version.

Without a tag, or with `latest`, the same manifest runs whatever was pushed last: two pods of one Deployment may
differ, nobody can tell from git what runs, and a rollback through git brings nothing back
(https://kubernetes.io/docs/concepts/containers/images/).

Exempt: images with a digest, whatever their tag; what is filled in later (`${IMAGE}`, `{{ }}`, an empty image);
`auto`, which Istio's injection replaces; and on OpenShift images that an ImageChange trigger, the annotation
`image.openshift.io/triggers` or an ImageStream with `lookupPolicy.local` of the same build decides about, or that the
cluster's own release brings (`image-registry.openshift-image-registry.svc:5000/openshift/`). A warning instead where no
pod runs, as `replicas: 0` says.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, get
from gitopsmith.policy import Violation
from gitopsmith.workload import WORKLOADS, images

SEVERITY = Severity.ERROR
SIBLINGS = True
KINDS = WORKLOADS


def check_resource(resource: Resource) -> Iterator[Violation]:
    severity = Severity.WARNING if get(resource.body, "spec", "replicas") == 0 else None
    for route, image in images(resource):
        if image.digest or image.tag not in {"", "latest"}:
            continue
        what = "follows 'latest'" if image.tag else "has no tag, which means 'latest'"
        message = f"image {image.name!r} {what}; write the version that was tested, or its digest"
        yield Violation(route, message, severity=severity)


GOOD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: registry.example.com:5000/shop/web:1.4.2
    - name: proxy
      image: registry.example.com/proxy@sha256:4bcd3f0d2a2bf0e0d0c7d2a2f5b9d1d3c1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6
"""
]
BAD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  initContainers:
    - name: init
      image: registry.example.com:5000/shop/init  # <- here
  containers:
    - name: web
      image: shop/web:latest  # <- here
"""
]
