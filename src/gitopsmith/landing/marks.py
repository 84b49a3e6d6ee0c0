"""Records at the remote which commits were seen to run in an environment, and reads that back.

Each application in each environment has a ref of its own, ``refs/deployed/ENVIRONMENT/APP``, that no clone brings
unless it is asked for. It is a line of commits, newest first, each with a trailer ``Deployed: COMMIT``; so
``git log`` shows it, and several who record at once do not overwrite each other.
"""

from __future__ import annotations

import re
from pathlib import Path

from gitopsmith import git
from gitopsmith.finding import Failure
from gitopsmith.git import writing

TRAILER = "Deployed"
ROLLBACK_OF, RESTORES = "Rollback-Of", "Restores"
"""Trailers of a rollback's commit: the commit that was bad, and the one whose state it brings back."""
NEWEST = 20
"""So many marks are read."""
_ATTEMPTS = 10
_ODD = re.compile(r"[^A-Za-z0-9_-]+")


def ref(app: str, environment: str) -> str:
    """Returns the ref that holds the marks of an application in an environment."""
    return "/".join(("refs/deployed", *(_ODD.sub("-", name).strip("-") or "-" for name in (environment, app))))


def marks(root: Path, remote: str, app: str, environment: str) -> tuple[str, ...]:
    """Returns the commits that were recorded as running, newest first; none where nobody has recorded any."""
    found = writing.newest(root, remote, ref(app, environment))
    if not found:
        return ()
    recorded = (logged.trailers.get(TRAILER, "") for logged in git.log(root, found, (), NEWEST))
    return tuple(dict.fromkeys(filter(None, recorded)))


def mark(root: Path, remote: str, app: str, environment: str, commit: str) -> None:
    """Records that a commit was seen synced and healthy; twice is once. Raises Failure with git's complaint."""
    name = ref(app, environment)
    message = f"{app} in {environment} runs {commit[:12]}\n\n{TRAILER}: {commit}\n"
    reason = ""
    for _ in range(_ATTEMPTS):
        newest = writing.newest(root, remote, name)
        if newest and next(git.log(root, newest, (), 1)).trailers.get(TRAILER) == commit:
            return
        made = writing.commit_tree(root, f"{commit}^{{tree}}", newest, message)
        refusal = writing.push(root, remote, made, name)
        if refusal is None:
            return
        reason = refusal.reason
        if not refusal.is_race:
            break
    raise Failure(f"{remote} does not take the mark that {commit[:12]} runs: {reason}", status=3)
