"""Files beside what is deployed that override an Application's source.

Read in Argo CD 3.6.1: ``mergeSourceParameters`` in ``reposerver/repository/repository.go``.
"""

from __future__ import annotations

from typing import Any

_IDENTITY = ("chart", "path", "repoURL", "targetRevision")


def overriding_files(application: str) -> tuple[str, str]:
    """Returns the names of the files that may override a source of an Application, the stronger one last."""
    return ".argocd-source.yaml", f".argocd-source-{application}.yaml"


def overridden(source: dict[str, Any], override: Any) -> dict[str, Any]:
    """Returns a source with an override merged in; where it comes from, no override can change."""
    merged = _merged(source, override) if isinstance(override, dict) else source
    kept = {name: source[name] for name in _IDENTITY if name in source}
    return {name: value for name, value in merged.items() if name not in _IDENTITY} | kept


def _merged(body: Any, patch: Any) -> Any:
    """Merges as RFC 7386 says: maps by key, null removes, and everything else replaces."""
    if not isinstance(patch, dict):
        return patch
    found = dict(body) if isinstance(body, dict) else {}
    for name, value in patch.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = _merged(found.get(name), value)
    return found
