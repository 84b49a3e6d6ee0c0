"""A remote base names one exact version.

kustomize fetches a remote entry anew for every build, and without `?ref=` it takes the newest commit of the default
branch (kustomize's documentation of remote targets). What Argo CD applies then changes without a commit in this
repository, cannot be reviewed, and a rollback through git does not bring the old state back.

Pinned: a tag, a commit, a release asset or raw file whose URL holds a tag or a commit. Not pinned: no `ref`, a
branch, a raw file on a branch, `releases/latest`. A URL in which no version can be recognised at all is a warning, and
so is a branch with a folder of one version below it (`master/deploy/v4.11.0/`), which is seldom written to again.
Exempt: entries that are to be filled in (`${REF}`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.kustomization import Kustomization, State
from gitopsmith.policy import Violation
from gitopsmith.render.remotes import version
from gitopsmith.secrets import is_filled_in_later

SEVERITY = Severity.ERROR
FROZEN = re.compile(r"/v?\d+\.\d+(\.\d+)?/")
"""A folder that is named after a version."""


def check_kustomization(kustomization: Kustomization) -> Iterator[Violation]:
    for reference, state in kustomization.states.items():
        if state is not State.REMOTE or is_filled_in_later(reference.text):
            continue
        wrong, severity = unpinned(reference.text)
        if wrong:
            yield Violation(reference.route, f"remote {reference.field} entry {wrong}", severity=severity)


def unpinned(entry: str) -> tuple[str, Severity | None]:
    """Returns what lets a remote entry change, with a severity where that is not sure; nothing when it is pinned."""
    named = version(entry)
    if named.is_fixed:
        return "", None
    if not named.is_recognised:
        return "has no version in its URL; name one, or keep a copy here", Severity.WARNING
    if not named.reference:
        return "follows the default branch; add ?ref= with a tag or a commit", None
    follows = f"follows {named.reference!r}"
    if FROZEN.search(entry):
        return f"{follows}, where even a folder of one version can change; write a tag or a commit", Severity.WARNING
    return f"{follows}; write a tag or a commit", None


GOOD = [
    """\
resources:
  - https://github.com/example/app//deploy?ref=v1.2.3
  - https://raw.githubusercontent.com/example/app/v1.2.3/install.yaml
  - https://github.com/example/app/releases/download/v1.2.3/install.yaml
  - github.com/example/app//deploy?ref=4c2e8b8f1f5cbe9d2b5d0b0e5a0e7a1b2c3d4e5f
"""
]
BAD = [
    """\
resources:
  - https://github.com/example/app//deploy  # <- here
  - github.com/example/app//deploy?ref=main  # <- here
  - https://raw.githubusercontent.com/example/app/main/install.yaml  # <- here
  - https://github.com/example/app/releases/latest/download/install.yaml  # <- here
  - https://example.com/install.yaml  # <- here
  - https://raw.githubusercontent.com/example/app/main/deploy/v4.11.0/rbac.yaml  # <- here
"""
]
