"""What Argo CD fills into the options of a source (``newEnv`` in its ``reposerver/repository/repository.go``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from gitopsmith.application import Application, Source, instance_name
from gitopsmith.manifest import text

_REVISIONS = {"ARGOCD_APP_REVISION": 40, "ARGOCD_APP_REVISION_SHORT": 7, "ARGOCD_APP_REVISION_SHORT_8": 8}
"""How much of the commit each variable holds."""
NO_COMMIT = "0" * 40
_VARIABLE = re.compile(r"\$(?:\{(?P<braced>[^}]*)\}|(?P<special>[*#$@!?\-0-9])|(?P<plain>\w+)|\{)", re.ASCII)


class Variables(Mapping[str, str]):
    """The variables of one source. ``commit`` tells the commit of a revision, and is asked only where one is wanted."""

    def __init__(self, application: Application, source: Source, commit: Callable[[str], str]) -> None:
        self._commit = commit
        self._target = source.target_revision
        self._known = {
            "ARGOCD_APP_NAME": instance_name(application.resource),
            "ARGOCD_APP_NAMESPACE": text(application.destination, "namespace"),
            "ARGOCD_APP_PROJECT_NAME": application.project,
            "ARGOCD_APP_SOURCE_REPO_URL": source.repo_url,
            "ARGOCD_APP_SOURCE_PATH": source.path,
            "ARGOCD_APP_SOURCE_TARGET_REVISION": source.target_revision,
        }

    def __getitem__(self, name: str) -> str:
        if name in _REVISIONS:
            return (self._commit(self._target) or NO_COMMIT)[: _REVISIONS[name]]
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter((*self._known, *_REVISIONS))

    def __len__(self) -> int:
        return len(self._known) + len(_REVISIONS)


def substitute(value: str, variables: Mapping[str, str]) -> str:
    """Fills in ``$NAME`` and ``${NAME}`` as Go's ``os.Expand`` does: what is unknown gives nothing, ``$$`` a dollar."""

    def found(match: re.Match[str]) -> str:
        name = match["braced"] or match["special"] or match["plain"] or ""
        return "$" if name == "$" else variables.get(name, "")

    return _VARIABLE.sub(found, value)
