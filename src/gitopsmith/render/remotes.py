"""What a build wants from elsewhere, and how kustomize gets it without a network.

kustomize runs ``git fetch`` and ``git checkout`` for a remote base (``api/internal/git/cloner.go``). It still does, so
that everything else about such a base is its own doing; but git is told to look for each URL in a repository on this
disk, and to go nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from gitopsmith import argocd, kustomization
from gitopsmith.fetch import OWN_FILES_ONLY, Checkout, File, Place
from gitopsmith.finding import Route
from gitopsmith.kustomization import Kustomization, Reference, Remote, State, read_remote, remote_reference
from gitopsmith.render import Failed
from gitopsmith.tree import Tree

NOWHERE = "http://127.0.0.1:9"
"""A proxy that nobody listens at: kustomize asks for a URL by HTTP before it asks git."""
FILE = ".gitopsmith-fetched-"
"""How the names begin that files from elsewhere get in a copy of the tree."""
_REF = r"(?P<ref>refs/(?:heads|tags)/[^/]+|[^/]+)/"
_RAW = (
    re.compile(r"https?://raw\.githubusercontent\.com/[^/]+/[^/]+/" + _REF, re.IGNORECASE),
    re.compile(r"https?://[^/]+/.+?/(?:-/)?(?:raw|blob)/" + _REF, re.IGNORECASE),
    re.compile(r"https?://[^/]+/.+?/releases/(?:download/)?(?P<ref>[^/]+)/", re.IGNORECASE),
)
_FILE = re.compile(r"https?://[^?]+\.(ya?ml|json)(\?.*)?\Z", re.IGNORECASE)
_GIT = re.compile(r"\.git(/|\?|\Z)")
_VERSION_IN_PATH = re.compile(r"(?:\A|[/@_-])v?\d+(\.\d+)+|[0-9a-f]{40}")
_KEYED = frozenset({"configMapGenerator", "secretGenerator"})
"""Fields in which the name of a file becomes a key."""


class Version(NamedTuple):
    """Which version a remote entry names: ``reference`` where it says one, else whether it is fixed all the same."""

    reference: str
    is_fixed: bool
    is_recognised: bool = True


def version(entry: str) -> Version:
    """Returns what lets a remote entry change, or does not."""
    raw = next((found for pattern in _RAW if (found := pattern.match(entry))), None) if is_file(entry) else None
    if is_file(entry) and raw is None:
        fixed = _VERSION_IN_PATH.search(entry.partition("//")[2].partition("/")[2])
        return Version("", is_fixed=fixed is not None, is_recognised=fixed is not None)
    reference = raw["ref"] if raw else remote_reference(entry)
    return Version(reference, is_fixed=not argocd.is_external_floating(reference))


def is_file(entry: str) -> bool:
    """Tells whether a remote entry names one file, by its URL."""
    return _FILE.match(entry) is not None and not _GIT.search(entry)


class Entry(NamedTuple):
    """An entry that names a file from elsewhere: in which kustomization it stands, and where there."""

    path: str
    route: Route
    file: File


class Wanted(NamedTuple):
    """What a build wants from elsewhere."""

    repositories: tuple[Remote, ...] = ()
    files: tuple[Entry, ...] = ()


def wanted(tree: Tree, directories: Iterable[str]) -> Wanted | Failed:
    """Returns what the kustomizations of directories name that lies elsewhere, or why some of it is never fetched."""
    repositories: dict[Remote, None] = {}
    files: dict[Entry, None] = {}
    for item, reference in _remote_entries(tree, directories):
        refused = _refusal(reference)
        if refused:
            return Failed(refused, f"{reference.text} is not in this repository", item.directory)
        remote = read_remote(reference.text)
        if is_file(reference.text):
            files[Entry(item.path, reference.route, File(reference.text))] = None
        elif remote is not None:
            repositories[remote] = None
    return Wanted(tuple(repositories), tuple(files))


def _remote_entries(tree: Tree, directories: Iterable[str]) -> Iterator[tuple[Kustomization, Reference]]:
    for directory in directories:
        for item in kustomization.reachable(tree, directory):
            for reference, state in item.states.items():
                if state is State.REMOTE:
                    yield item, reference


def _refusal(reference: Reference) -> str:
    """Returns the kind of failure that an entry is which is never fetched, empty for one that may be."""
    entry = reference.text
    if not version(entry).is_fixed:
        return "moving"
    remote = read_remote(entry)
    if is_file(entry):
        return "remote" if reference.field in _KEYED else ""
    return "" if remote is not None and place(remote).is_askable else "remote"


def place(remote: Remote) -> Place:
    """Returns what is to be fetched for a remote base."""
    return Place(remote.url, remote.reference)


def environment(found: Mapping[Remote, Checkout], folder: Path) -> dict[str, str]:
    """Writes a repository for each URL into a folder, and returns what makes git and kustomize look there alone."""
    by_url: dict[str, dict[str, Checkout]] = {}
    for remote, checkout in found.items():
        by_url.setdefault(remote.url, {})[place(remote).tag] = checkout
    rules = []
    for number, (url, tags) in enumerate(by_url.items()):
        repository = folder / f"{number}.git"
        _write_repository(repository, tags)
        rules.append(f'[url "file://{repository}"]\n\tinsteadOf = "{url}"\n')
    (folder / "config").write_text(f"{_CONFIG}{''.join(rules)}", encoding="utf-8")
    (folder / "aside").mkdir()
    blocked = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), NOWHERE)
    only = {"GIT_CONFIG_GLOBAL": str(folder / "config"), "GIT_ALLOW_PROTOCOL": "file", "TMPDIR": str(folder / "aside")}
    return {**OWN_FILES_ONLY, **blocked, "NO_PROXY": "", "no_proxy": "", **only}


_CONFIG = """\
[safe]
	directory = *
[uploadpack]
	allowAnySHA1InWant = true
[core]
	hooksPath = /dev/null
[init]
	templateDir =
"""


def _write_repository(repository: Path, tags: Mapping[str, Checkout]) -> None:
    """Writes a repository that has several commits under their tags, with the content of where each is kept."""
    (repository / "refs").mkdir(parents=True)
    (repository / "objects/info").mkdir(parents=True)
    commits = sorted({checkout.commit for checkout in tags.values()})
    places = sorted({str(checkout.repository / ".git/objects") for checkout in tags.values()})
    (repository / "HEAD").write_text("ref: refs/heads/none\n", encoding="utf-8")
    (repository / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n", encoding="utf-8")
    (repository / "objects/info/alternates").write_text("".join(f"{path}\n" for path in places), "utf-8")
    (repository / "shallow").write_text("".join(f"{commit}\n" for commit in commits), encoding="utf-8")
    named = sorted((tag, checkout.commit) for tag, checkout in tags.items())
    (repository / "packed-refs").write_text("".join(f"{commit} {tag}\n" for tag, commit in named), encoding="utf-8")
