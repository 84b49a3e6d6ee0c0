"""No file of the repository is larger than what is applied from it needs.

Every repo-server of Argo CD fetches the whole repository, with all of its history unless a depth is set
(`fetch` in Argo CD's `util/git/client.go`), and does so again whenever it starts anew. A file above 1 MiB that nothing
is rendered from, such as an archive, a video or a program, is paid for each time, and stays in the history when it is
removed. Keep it in a registry or a bucket. An opinion: a small number of such files hurts nobody.

Exempt: YAML and JSON; files that a kustomization names; charts that are packed (`*.tgz`); files that git ignores, and
those that Git LFS keeps, of which a pointer alone is here.
"""

from __future__ import annotations

from gitopsmith.finding import Severity
from gitopsmith.policy import OFF

SEVERITY = Severity.INFO
STAGE = "committed"
PROFILE = OFF

GOOD = ["merge-conflict-none"]
BAD = ["file-too-large"]
