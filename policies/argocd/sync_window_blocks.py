"""A sync window lets a rollback through.

While a window of the kind `deny` is open, and outside of one of the kind `allow`, Argo CD applies nothing, a revert of
what broke production neither. With `manualSync: true` somebody may still press the button
(`SyncWindows.CanSync` in `pkg/apis/application/v1alpha1/types.go`); without it, the window itself has to be changed
first.

In the profile for production.
Exempt: windows with `manualSync: true`; windows of an hour or less.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, items, text
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
PROFILE = "production"
KINDS = frozenset({"AppProject.argoproj.io"})
SHORT = re.compile(r"(\d+s|[1-5]?\dm|60m|1h)")


def check_resource(resource: Resource) -> Iterator[Violation]:
    for route, window in items(resource.body, "spec", "syncWindows"):
        kind, duration = text(window, "kind"), text(window, "duration")
        is_short = kind == "deny" and SHORT.fullmatch(duration)
        if kind in {"allow", "deny"} and window.get("manualSync") is not True and not is_short:
            when = "outside of this window" if kind == "allow" else f"for {duration or 'its duration'}"
            message = f"{when} not even a rollback is synced; write manualSync: true, or guard the branch instead"
            yield Violation((*route, "kind"), message)


HEAD = """\
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata:
  name: shop
spec:
  syncWindows:
"""
WINDOW = """\
    - kind: deny{mark}
      schedule: "0 18 * * *"
      duration: {duration}
      applications:
        - "*"
"""
GOOD = [
    HEAD + WINDOW.format(mark="", duration="12h") + "      manualSync: true\n",
    HEAD + WINDOW.format(mark="", duration="30m"),
]
BAD = [HEAD + WINDOW.format(mark="  # <- here", duration="12h")]
