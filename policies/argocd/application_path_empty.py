"""The path of an Application has manifests.

A directory without a manifest is no mistake to Argo CD: the Application is synced and healthy, and deploys nothing
(`findManifests` in `reposerver/repository/repository.go`). Mostly the manifests lie in folders below, which Argo CD
only reads with `directory: {recurse: true}`, or a pattern in `include` fits nothing.

Exempt: Applications with several sources; sources that were not rendered; Applications that nothing includes.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.application import Repository
from gitopsmith.finding import Severity
from gitopsmith.manifest import get
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
BELOW = "the path, or write directory: {recurse: true} where they lie in folders below it"


def check_repository(repository: Repository) -> Iterator[Violation]:
    for each in repository.deployed:
        sources = each.application.sources
        if each.application.disabled or not each.complete or each.objects or len(sources) != 1:
            continue
        source = sources[0]
        if source.own and source.type == "directory" and source.present == "directory" and not source.commit:
            instead = "its include and exclude" if get(source.body, "directory", "recurse") is True else BELOW
            message = f"Argo CD finds no manifest in {source.path!r} and deploys nothing; look at {instead}"
            yield Violation((*source.route, "path"), message, each.application)


GOOD = ["application-path-filled", "application-good"]
BAD = ["application-path-empty"]
