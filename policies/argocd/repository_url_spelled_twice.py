"""One repository is asked for by one URL.

`https://git.example.com/team/fleet.git` and `git@git.example.com:team/fleet.git` are one repository, and two to Argo
CD: each needs a credential of its own, is cloned and cached on its own, and has to be allowed by the project of its
own. A key that is turned over for one leaves the other behind. Spellings that Argo CD takes for the same, such as with
and without `.git` (`NormalizeGitURL` in `util/git/git.go`), are one here too. Said once for a spelling, where fewer
Applications use it.

Exempt: charts; Applications that nothing includes; URLs that are filled in later.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from gitopsmith import argocd
from gitopsmith.application import Application, Repository, Source
from gitopsmith.argocd.urls import normalized
from gitopsmith.finding import Severity
from gitopsmith.policy import Violation
from gitopsmith.secrets import is_filled_in_later

SEVERITY = Severity.WARNING
Used = tuple[Application, Source]


def check_repository(repository: Repository) -> Iterator[Violation]:
    for spelled in _spellings(repository).values():
        usual, *others = sorted(spelled.values(), key=len, reverse=True)
        for used in others:
            application, source = used[0]
            more = f", {len(used)} times" if len(used) > 1 else ""
            message = (
                f"{_shown(source)} is the repository that others ask for as {_shown(usual[0][1])}{more}; "
                "write it as they do, or each needs a credential of its own"
            )
            yield Violation((*source.route, "repoURL"), message, application)


def _shown(source: Source) -> str:
    """Returns a URL without the login that may stand in it."""
    return re.sub(r"(?i)\A(https?://).*@", r"\1...@", source.repo_url)


def _spellings(repository: Repository) -> dict[str, dict[str, list[Used]]]:
    """Returns who uses each spelling of each repository."""
    found: dict[str, dict[str, list[Used]]] = defaultdict(lambda: defaultdict(list))
    for application in repository.applications:
        for source in application.sources if not application.disabled and not application.commit else ():
            url = normalized(source.repo_url)
            if url and not source.chart and not is_filled_in_later(source.repo_url):
                found[argocd.repository_identity(source.repo_url)][url].append((application, source))
    return found


GOOD = ["application-good"]
BAD = ["repository-url-spelled-twice"]
