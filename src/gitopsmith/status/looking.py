"""Looks at git and at the cluster, once or again and again."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from gitopsmith import live
from gitopsmith.finding import Failure
from gitopsmith.live import Access
from gitopsmith.render import kustomize
from gitopsmith.states import Reader
from gitopsmith.status import written
from gitopsmith.status.comparing import compare
from gitopsmith.status.model import Status
from gitopsmith.status.written import Written


@dataclass(frozen=True, slots=True)
class Options:
    """What to look at. ``namespace`` is Argo CD's; ``is_git_only`` asks no cluster at all."""

    environment: str = ""
    context: str = ""
    namespace: str = live.NAMESPACE
    remote: str = ""
    branch: str = ""
    is_git_only: bool = False
    jobs: int = 0
    timeout: float = kustomize.TIMEOUT


@dataclass(slots=True)
class Looker:
    """Looks as often as it is asked to; git is read anew when the branch has a new commit."""

    root: Path
    options: Options
    _access: Access | None = None
    _passed: tuple[str, ...] = ()
    _written: Written | None = field(default=None, repr=False)

    def look(self) -> Status:
        """Returns what is so now.

        Raises Failure where git tells nothing, and where a context or ARGOCD_SERVER names what cannot be asked.
        """
        found, branch, notes = written.tip(self.root, self.options.remote, self.options.branch)
        if self._written is None or (self._written.tip, self._written.notes) != (found, notes):
            reader = Reader(self.root, branch, self.options.jobs, self.options.timeout)
            self._written = written.read(reader, found, self.options.environment, notes)
        if self.options.is_git_only:
            return compare(self._written, None, environment=self.options.environment)
        try:
            access = self._find()
            seen = live.read(access.applications())
        except Failure as error:
            if self.options.context or os.environ.get("ARGOCD_SERVER"):
                raise
            return compare(self._written, None, environment=self.options.environment, notes=(f"{error}",))
        return compare(self._written, seen, str(access), self.options.environment, self._passed)

    def _find(self) -> Access:
        if self._access is None:
            self._access, self._passed = live.find(os.environ, self.options.context, self.options.namespace)
        return self._access
