"""Argo CD's own semantics as pure functions: words it knows, URLs it treats as one, files it takes for manifests.

Read in Argo CD 3.6.1: ``gitops-engine/pkg/sync/common/types.go``, ``controller/sync.go``, ``util/git/git.go``,
``reposerver/repository/repository.go``, ``util/app/discovery``.
"""

from __future__ import annotations

import difflib
import re
from typing import Any

from gitopsmith.argocd.globs import glob
from gitopsmith.finding import Route
from gitopsmith.manifest import get, mapping, text

SYNC_OPTIONS: dict[str, tuple[str, ...]] = {
    "ApplyOutOfSyncOnly": ("true", "false"),
    "ClientSideApplyMigration": ("true", "false"),
    "CreateNamespace": ("true", "false"),
    "Delete": ("true", "false", "confirm"),
    "FailOnSharedResource": ("true", "false"),
    "Force": ("true", "false"),
    "Prune": ("true", "false", "confirm"),
    "PruneLast": ("true", "false"),
    "PrunePropagationPolicy": ("foreground", "background", "orphan"),
    "Replace": ("true", "false"),
    "RespectIgnoreDifferences": ("true", "false"),
    "ServerSideApply": ("true", "false"),
    "ServerSideDiff": ("true", "false"),
    "SkipDryRunOnMissingResource": ("true", "false"),
    "Validate": ("true", "false"),
}
"""Each sync option with the values that mean something; names and values are compared with their case."""
APPLICATION_OPTIONS = frozenset({
    "ApplyOutOfSyncOnly", "ClientSideApplyMigration", "CreateNamespace", "FailOnSharedResource",
    "PrunePropagationPolicy", "RespectIgnoreDifferences",
})  # fmt: skip
"""Options that Argo CD looks for in an Application, and in no object (``controller/sync.go``)."""
OBJECT_OPTIONS = frozenset({"Force"})
"""Options that Argo CD looks for in an object, and in no Application (``gitops-engine/pkg/sync/sync_context.go``)."""
HOOKS = ("PreSync", "Sync", "PostSync", "SyncFail", "Skip", "PreDelete", "PostDelete")
HOOK_DELETE_POLICIES = ("HookSucceeded", "HookFailed", "BeforeHookCreation")
HOOK_ANNOTATION = "argocd.argoproj.io/hook"
DELETE_POLICY_ANNOTATION = "argocd.argoproj.io/hook-delete-policy"
SYNC_WAVE_ANNOTATION = "argocd.argoproj.io/sync-wave"
SYNC_OPTIONS_ANNOTATION = "argocd.argoproj.io/sync-options"
API_GROUP = "argoproj.io"
IN_CLUSTER = "https://kubernetes.default.svc"
_MANIFEST = re.compile(r"\.(yaml|yml|json|jsonnet)\Z")
_SHA = re.compile(r"[0-9a-f]{40}\Z|[0-9a-f]{64}\Z")
_VERSION = re.compile(r"v?\d+(\.\d+){1,2}([-+][0-9A-Za-z.+-]+)?\Z")
_RANGE = re.compile(r"[*^~<>=|]|\s-\s|(^|\.)[xX](\.|$)|,")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_BRANCHES = re.compile(
    r"(?!releases?[-/_]v?\d+\.\d+\.\d)"
    r"(HEAD|main|master|develop|dev|development|trunk|stable|latest|production|prod|staging|"
    r"(release|releases|branch|heads|refs/heads|feature|env|environment)([-/_].*)?)\Z",
    re.IGNORECASE,
)


def repository_identity(url: str) -> str:
    """Returns what makes two URLs one repository: host and path, without scheme, user, port, case and ``.git``."""
    rest = url.strip().lower().rstrip("/")
    scheme = re.match(r"[a-z][a-z0-9+.-]*://", rest)
    if scheme:
        rest = rest[scheme.end() :]
    elif re.match(r"([^@/]+@)?[^/:]+:", rest):
        rest = rest.replace(":", "/", 1)
    rest = rest.rpartition("@")[2] if "@" in rest.split("/", 1)[0] else rest
    host, slash, path = rest.partition("/")
    return re.sub(r":\d+$", "", host) + slash + path.strip("/").removesuffix(".git")


def is_external_floating(revision: str) -> bool:
    """Tells whether a git revision moves: empty, HEAD, a branch by its name such as main or release-1.2, or a range.

    What is named like a branch and has a whole version behind it, ``release-1.2.3``, is as often a tag, and passes.
    """
    return not revision or bool(_BRANCHES.match(revision)) or is_range(revision)


def is_range(version: str) -> bool:
    """Tells whether a version is a constraint that several versions satisfy; a chart's empty version is one too."""
    return not version or bool(_RANGE.search(version))


def is_commit(revision: str) -> bool:
    return bool(_SHA.match(revision))


def is_version(revision: str) -> bool:
    return bool(_VERSION.match(revision))


def has_application_health(settings: dict[str, Any]) -> bool:
    """Tells whether argocd-cm has a health check for Applications, which have none without."""
    whole = str(settings.get("resource.customizations", ""))
    own = re.compile(r"resource\.customizations\.health\.argoproj\.io_(Application|.*\*.*)")
    return any(own.fullmatch(key) for key in settings) or "argoproj.io/" in whole or "*/*" in whole


def split_options(annotation: str) -> list[str]:
    """Cuts an annotation's list of sync options or hooks at its commas."""
    return [part.strip() for part in annotation.split(",") if part.strip()]


def unknown_sync_option(option: str) -> str:
    """Returns what is wrong with one ``Name=value``, empty when Argo CD knows it."""
    name, equals, value = option.partition("=")
    if name not in SYNC_OPTIONS:
        near = next((known for known in SYNC_OPTIONS if known.lower() == name.lower()), "")
        return f"unknown sync option {name!r}" + (f"; write {near!r}, case counts" if near else "; it has no effect")
    if not equals or value not in SYNC_OPTIONS[name]:
        return f"sync option {name!r} takes {' or '.join(SYNC_OPTIONS[name])}, not {value!r}"
    return ""


def meant_sync_option(option: str) -> str:
    """Returns the option that Argo CD knows and that differs in case alone; empty where there is none."""
    known = (f"{name}={value}" for name, values in SYNC_OPTIONS.items() for value in values)
    return next((each for each in known if each.lower() == option.lower()), "")


def seconds(duration: str) -> float | None:
    """Reads a Go duration such as ``1m30s``, None for what is none."""
    parts = _DURATION.findall(duration)
    return sum(float(number) * _UNITS[unit] for number, unit in parts) if parts else 0.0 if duration == "0" else None


def source_type(source: dict[str, Any], listing: tuple[str, ...]) -> str:
    """Returns how Argo CD renders a source in git: by the block it carries, else by what lies in its directory.

    A block in which nothing is set, such as ``directory: {recurse: false}``, is no block: Argo CD drops it first.
    """
    for name in ("kustomize", "helm", "plugin", "directory"):
        if any(mapping(source, name).values()):
            return name
    if any(name in listing for name in ("kustomization.yaml", "kustomization.yml", "Kustomization")):
        return "kustomize"
    return "helm" if "Chart.yaml" in listing else "directory"


def is_manifest_file(path: str, include: str = "", exclude: str = "") -> bool:
    """Tells whether a directory source takes a file, by its suffix and the source's include and exclude globs.

    ``path`` is relative to the source's directory.
    """
    if not _MANIFEST.search(path):
        return False
    if exclude and glob(exclude).match(path):
        return False
    return not include or glob(include).match(path) is not None


def looks_like_manifest(content: str) -> bool:
    """Tells whether Argo CD insists on a YAML file that it cannot parse; any other such file it ignores."""
    return all(word in content for word in ("apiVersion:", "kind:", "metadata:"))


def is_skipped(content: bytes) -> bool:
    """Tells whether a directory source leaves out a manifest file because the file asks for it."""
    return b"+argocd:skip-file-rendering" in content


def source_routes(body: dict[str, Any]) -> list[Route]:
    """Returns the routes to an Application's sources: ``sources`` wins over ``source`` when it has any."""
    sources = get(body, "spec", "sources")
    if isinstance(sources, list) and sources:
        return [("spec", "sources", index) for index, source in enumerate(sources) if isinstance(source, dict)]
    return [("spec", "source")] if isinstance(get(body, "spec", "source"), dict) else []


def cluster(destination: dict[str, Any]) -> str:
    """Returns the name under which two destinations are the same cluster."""
    server = text(destination, "server").rstrip("/")
    name = text(destination, "name")
    if name in {"", "in-cluster"} and server in {"", IN_CLUSTER}:
        return "in-cluster" if name or server else ""
    return name or server


def is_application(body: Any) -> bool:
    return _is(body, "Application")


def is_application_set(body: Any) -> bool:
    return _is(body, "ApplicationSet")


def _is(body: Any, kind: str) -> bool:
    return mapping(body).get("kind") == kind and text(body, "apiVersion").startswith(f"{API_GROUP}/")


def nearest(word: str, known: tuple[str, ...]) -> str:
    """Returns the known word that somebody meant, quoted, or all of them when none is near."""
    found = near(word, known)
    return repr(found) if found else " or ".join(known)


def near(word: str, known: tuple[str, ...]) -> str:
    """Returns the known word that somebody meant, empty when none is near; case does not count."""
    lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), lower, n=1, cutoff=0.7)
    return lower[found[0]] if found else ""
