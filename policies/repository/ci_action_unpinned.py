"""An action of CI is the one that was looked at.

What a workflow uses from elsewhere runs with its token. A branch is another program after the next push there; a tag is
as long as nobody moves it, and has been moved to steal tokens
(https://docs.github.com/en/actions/reference/security/secure-use). Told apart by the revision: one that begins with a
number is a version.

A warning for branches; versions are not spoken of. With `budgets.actions` of the configuration `versions`, a branch is
an error, with `commits` everything but a commit is.
Exempt: actions of the repository itself; container images, which `docker://` names.
"""

from __future__ import annotations

from gitopsmith.finding import Severity

SEVERITY = Severity.ERROR
STAGE = "files"

GOOD = ["ci-action-pinned"]
BAD = ["ci-action-unpinned", "ci-action-promised"]
