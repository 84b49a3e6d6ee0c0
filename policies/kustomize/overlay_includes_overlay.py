"""An environment's overlay includes a base, and no other environment.

What `overlays/prod` includes from `overlays/dev` changes production with every change to development: nothing can be
tried there first, and a review of the one does not show the other. What several environments share belongs into a base
or a Component that says so.

Looked at are directories side by side in a folder called overlays, environments or envs.
Exempt: Components; neighbours whose name is none of an environment, such as common or aggregate; neighbours whose name
the including one begins with, as in `prod` and `prod-eu`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.kustomization import Kustomization, State
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
SIDE_BY_SIDE = frozenset({"overlays", "overlay", "environments", "envs", "env"})
ENVIRONMENT = re.compile(
    r"(.*[-_])?(dev|develop|development|test|testing|qa|int|integration|stage|staging|uat|accept|acceptance|pre-?prod|"
    r"prod|production|live|sandbox|demo)([-_0-9].*)?"
)
"""What directories of environments are called."""


def check_kustomization(kustomization: Kustomization) -> Iterator[Violation]:
    folder, _, own = kustomization.directory.rpartition("/")
    is_side_by_side = folder.rpartition("/")[2] in SIDE_BY_SIDE and ENVIRONMENT.fullmatch(own)
    if not is_side_by_side or kustomization.is_component:
        return
    for reference, state in kustomization.states.items():
        place, _, other = reference.target.rpartition("/")
        if state is not State.FOUND_DIRECTORY or place != folder or reference.field == "components":
            continue
        if ENVIRONMENT.fullmatch(other) and not own.startswith(other):
            message = f"{own!r} includes {other!r}, so that a change there is a change here; share a base instead"
            yield Violation(reference.route, message)


GOOD = ["overlay-includes-base"]
BAD = ["overlay-includes-overlay"]
