"""A commit that changes what an Application deploys makes Argo CD render it anew.

`argocd.argoproj.io/manifest-generate-paths` names the paths that matter: a commit that changes none of them leaves the
Application as it is (`UpdateRevisionForPaths` in `reposerver/repository/repository.go`). A directory that the
kustomization includes from elsewhere, and that is not among them, can be changed and rolled back without any effect,
until something else makes Argo CD look.

Exempt: Applications without the annotation, where every commit counts; sources in other repositories; what is included
from a URL.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.application import Application, Repository
from gitopsmith.finding import Severity
from gitopsmith.kustomization import Kustomization, State
from gitopsmith.policy import Violation
from gitopsmith.tree import join

SEVERITY = Severity.ERROR
ANNOTATION = "argocd.argoproj.io/manifest-generate-paths"
READ = frozenset({State.FOUND_FILE, State.FOUND_DIRECTORY})


def check_repository(repository: Repository) -> Iterator[Violation]:
    known = {item.directory: item for item in repository.kustomizations}
    for application in repository.applications:
        written = application.resource.annotations.get(ANNOTATION)
        if isinstance(written, str) and written and not application.disabled:
            yield from _stale(application, written, known)


def _stale(application: Application, written: str, known: dict[str, Kustomization]) -> Iterator[Violation]:
    for source in application.sources:
        directory = source.directory_path
        if source.own and source.type == "kustomize" and directory in known and "*" not in written:
            named = [_cleaned(directory, path.strip()) for path in written.split(";") if path.strip()]
            lost = sorted(path for path in _reached(known, directory) if not any(_covers(one, path) for one in named))
            if lost:
                more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
                message = (
                    f"{lost[0]}{more} is part of what {application.name!r} deploys and not among these paths, so that "
                    "a change there is not seen; add it"
                )
                yield Violation(("metadata", "annotations", ANNOTATION), message, application)


def _cleaned(directory: str, path: str) -> str:
    return join("", path.lstrip("/")) if path.startswith("/") else join(directory, path)


def _reached(known: dict[str, Kustomization], directory: str) -> set[str]:
    """Returns the directories and files that a kustomization reads, at any depth."""
    found, todo = {directory}, [directory]
    while todo:
        item = known.get(todo.pop())
        for reference, state in item.states.items() if item is not None else ():
            if state in READ and reference.target not in found:
                found.add(reference.target)
                todo += [reference.target] * (state is State.FOUND_DIRECTORY)
    return found


def _covers(named: str, path: str) -> bool:
    return not named or path == named or path.startswith(f"{named}/")


GOOD = ["manifest-paths-whole", "application-good"]
BAD = ["manifest-paths-stale"]
