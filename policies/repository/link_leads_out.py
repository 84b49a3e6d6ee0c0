"""A link in the repository stays in the repository.

Argo CD looks at every link of a repository before it renders anything of it, and refuses the whole repository where one
is absolute, or leads out of it on its way: `repository contains out-of-bounds symlinks` (`CheckOutOfBoundsSymlinks` in
`util/app/path/path.go`). No Application from it is compared or synced any more, whether it needs the link or not.

Exempt: links to what is not there, as long as they stay inside.
"""

from __future__ import annotations

from gitopsmith.finding import Severity

SEVERITY = Severity.ERROR
STAGE = "files"
PROFILE = "minimal"

GOOD = ["link-stays"]
BAD = ["link-leads-out"]
