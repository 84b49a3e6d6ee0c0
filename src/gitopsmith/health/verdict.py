"""What Argo CD makes of the value that a health check returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitopsmith.manifest import get, sequence

STATUSES = ("Healthy", "Progressing", "Degraded", "Suspended", "Missing", "Unknown")
INVALID = "Lua returned an invalid health status"
HOOK_FINALIZER = "argocd.argoproj.io/hook-finalizer"


@dataclass(frozen=True, slots=True)
class Health:
    """The health that a check gives to an object.

    ``status`` is one of STATUSES; None where the check returns nil, so that Argo CD goes on to its own check; empty
    where it returns a list, or a status or message that is no string, which Argo CD takes without a word. ``failed``
    tells that the check broke off, at ``line`` of its Lua if that is known: Argo CD shows Unknown and the error then.
    """

    status: str | None
    message: str = ""
    deletion_message: str = ""
    failed: bool = False
    compiles: bool = True
    line: int = 0

    def shown_for(self, body: Any) -> Health:
        """Returns what Argo CD shows for an object with this health: one that is being deleted progresses.

        The check has its say there only with a ``deletionMessage`` (``pendingDeletionHealth``, gitops-engine 3.6).
        """
        finalizers = [str(item) for item in sequence(body, "metadata", "finalizers")]
        if self.failed or not get(body, "metadata", "deletionTimestamp") or HOOK_FINALIZER in finalizers:
            return self
        if self.deletion_message:
            return Health(self.status, self.deletion_message)
        blocked = f"; blocked by finalizers: {', '.join(finalizers)}" if finalizers else ""
        return Health("Progressing", f"Pending deletion{blocked}")


def verdict(answer: Mapping[str, Any]) -> Health:
    """Reads what the interpreter says of a check as Argo CD does (``ExecuteHealthLua``)."""
    if "error" in answer:
        line = answer.get("line", 0)
        return Health("Unknown", answer["error"], failed=True, compiles=answer.get("compiles", True), line=line)
    if answer["type"] == "nil":
        return Health(None)
    if answer["type"] not in {"array", "object"}:
        return Health("Unknown", f"expect table output from Lua script, not {answer['type']}", failed=True)
    return _read(answer.get("fields"))


def _read(fields: Mapping[str, str | None] | None) -> Health:
    """Reads the fields of the returned table as Go reads JSON: in order of keys, whose case does not count."""
    if fields is None:
        return Health("")
    found = {"status": "", "message": "", "deletionmessage": ""}
    for key, value in sorted(fields.items()):
        if key.casefold() in found:
            if value is None:
                return Health("")
            found[key.casefold()] = value
    if found["status"] not in STATUSES:
        return Health("Unknown", INVALID)
    return Health(found["status"], found["message"], found["deletionmessage"])
