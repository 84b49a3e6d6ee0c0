"""What a run looks at: the root, its files, and the part that the user named."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from gitopsmith import config, git, kustomization, tree
from gitopsmith.finding import Failure
from gitopsmith.graph import Build, Discovery
from gitopsmith.render import kustomize
from gitopsmith.revisions import Checkout
from gitopsmith.tree import Tree, is_yaml


class Change(NamedTuple):
    """Changed files; ``across`` tells that one has or had Argo CD's own objects, which others may hang on.

    ``let_go`` are kustomizations that a changed one included before: nothing else may include them.
    """

    paths: frozenset[str]
    across: bool = False
    let_go: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Options:
    """What a user asked for; the configuration file fills in what is left empty."""

    paths: tuple[Path, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    kubernetes: str = ""
    argocd: str = ""
    config: Path | None = None
    isolated: bool = False
    engine: str = "builtin"
    profile: str = ""
    jobs: int = 0
    timeout: float = kustomize.TIMEOUT
    stdin: bytes | None = None
    fetch: bool = False
    """Exact versions of charts from elsewhere are fetched, and kept for later runs."""
    files: Tree | None = None
    """What to lint instead of a folder on disk, with the ``checkout`` that it was read from."""
    checkout: Checkout | None = None
    base: str = ""
    """Only what has changed since the work tree left this revision, and what that reaches."""
    staged: bool = False
    """Only what the next commit changes, and what that reaches, as the index has it."""
    change: Change | None = None
    """The changed files themselves; None for the whole repository."""
    baseline: Path | None = None
    """The file with the findings that were there before; empty for the usual one, where there is one."""
    use_baseline: bool = True
    today: dt.date = field(default_factory=dt.date.today)


def find_root(options: Options) -> Path:
    """Returns the repository's root: where the configuration file is, else git's root, else the path itself."""
    if options.files is not None:
        return options.files.root
    paths = [path.resolve() for path in options.paths] or [Path.cwd()]
    for given, path in zip(options.paths, paths, strict=False):
        if not path.exists():
            raise Failure(f"{given} does not exist")
    folder = paths[0] if paths[0].is_dir() else paths[0].parent
    top = git.toplevel(folder)
    root = (None if options.isolated else config.find_root(paths[0], top)) or top or folder
    for given, path in zip(options.paths, paths, strict=False):
        if not path.is_relative_to(root):
            raise Failure(f"{given} is not in {root}, where {options.paths[0]} is; lint one repository at a time")
    return root


def open_files(options: Options, root: Path) -> Tree:
    """Opens what is to be linted: a repository, the one file that was named outside of any, or the stream on stdin."""
    if options.files is not None:
        return options.files
    if options.stdin is not None:
        return _stdin(root, options.stdin)
    if len(options.paths) == 1 and options.paths[0].is_file() and not _is_repository(root, options):
        return Tree(root, (options.paths[0].resolve().name,))
    return tree.open_tree(root)


def _is_repository(root: Path, options: Options) -> bool:
    return git.toplevel(root) is not None or (not options.isolated and (root / config.FILE_NAME).is_file())


def _stdin(root: Path, data: bytes) -> Tree:
    files = tree.in_memory(root, "stdin.yaml", data)
    parsed = files.documents("stdin.yaml")
    if not parsed.documents and not parsed.problems:
        raise Failure("nothing to lint: there is no manifest on stdin")
    return files


def restriction(options: Options, root: Path, files: Tree) -> frozenset[str] | None:
    """Returns the files that the user named, each relative to the root; None for the whole repository."""
    if options.stdin is not None:
        return frozenset(files.files)
    named = [path.resolve().relative_to(root).as_posix() for path in options.paths]
    if not named or "." in named:
        return None
    chosen = {path for path in files.files for name in named if path == name or path.startswith(f"{name}/")}
    return frozenset(chosen | {name for name in named if files.kind(name) == "file"})


def start(files: Tree, discovery: Discovery, only: frozenset[str] | None) -> tuple[Build, ...]:
    """Returns what to judge beside kustomizations and Applications: manifests that nothing else reaches."""
    nothing_else = not discovery.roots and not any(resource.kind == "Application" for resource in discovery.raw)
    if only is not None and (nothing_else or len(only) == 1):
        reached = discovery.included | {item.path for item in discovery.kustomizations}
        return tuple(Build("file", path) for path in sorted(only) if is_yaml(path) and path not in reached)
    if nothing_else and not discovery.kustomizations:
        found = tuple(Build("file", path) for path in files.files if is_yaml(path))
        if not found:
            raise Failure(f"nothing to lint in {files.root}: no Application, no kustomization and no manifest is there")
        return found
    return ()


def reached(files: Tree, discovery: Discovery, only: frozenset[str]) -> tuple[str, ...]:
    """Returns the roots that a named file changes, and those that may render Applications which it changes."""
    reached = []
    for root in discovery.roots:
        touched = kustomization.closure(files, root)
        if only & set(touched) or any(
            b"argoproj.io/" in (files.data(path) or b"") for path, kind in touched.items() if kind == "file"
        ):
            reached.append(root)
    return tuple(reached)
