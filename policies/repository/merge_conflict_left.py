"""No merge was committed half done.

The markers between which git writes both sides of a conflict are no YAML: the build fails, or a directory source leaves
the file out. Found in every YAML file of the repository, included or not, since it will be included one day.

Exempt: markers that are indented, in the text of something else.
"""

from __future__ import annotations

from gitopsmith.finding import Severity

SEVERITY = Severity.ERROR
STAGE = "files"
PROFILE = "minimal"

GOOD = ["merge-conflict-none"]
BAD = ["merge-conflict-left"]
