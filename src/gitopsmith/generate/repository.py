"""A whole repository from its answers: made aside, and put in place at once or not at all."""

from __future__ import annotations

import shlex
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gitopsmith import __version__, answers, git
from gitopsmith.answers import Answers
from gitopsmith.finding import Failure
from gitopsmith.generate import install, template
from gitopsmith.generate.plan import plan

_HARMLESS = (".git", "README", "LICENSE", "COPYING")
"""What a folder may hold, with any suffix, and still count as empty: what a new repository has on its host."""

_REMOTE = "Argo CD is named by its URL, so that a build needs the network; `gitopsmith vendor argocd` brings it in"


@dataclass(frozen=True, slots=True)
class Made:
    """What was made, and what its owner has to know."""

    directory: Path
    files: tuple[str, ...]
    notes: tuple[str, ...]
    next_steps: tuple[str, ...]


def new(given: Answers, directory: Path, *, argocd_install: Path | None = None, fetch: bool = False) -> Made:
    """Makes a repository in a folder that is empty, new, or a fresh clone.

    Argo CD's installation comes from ``argocd_install``, else with ``fetch`` from where it is published; without
    either, or when it cannot be had, the repository names its pinned URL, and a note says so.

    Raises Failure when an answer is wrong or the folder is not empty; then nothing is left behind.
    """
    answers.check(given)
    refuse_unless_empty(directory)
    manifest, notes = _install(given, argocd_install, fetch=fetch)
    directory.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        write(given, aside, manifest)
        files = tuple(sorted(path.relative_to(aside).as_posix() for path in aside.rglob("*") if path.is_file()))
        _move(aside, directory)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return Made(directory, files, notes, _next_steps(given, directory))


def write(given: Answers, into: Path, manifest: bytes | None = None) -> None:
    """Writes all files of a repository into a folder; ``manifest`` is Argo CD's installation when it is vendored."""
    for step in plan(given, vendored=manifest is not None):
        template.render(step.template, step.variables, into)
    written = into / answers.FILE_NAME
    written.parent.mkdir(exist_ok=True)
    written.write_text(answers.write(given, __version__), encoding="utf-8")
    if manifest is not None:
        (into / install.PATH).write_bytes(manifest)


def _install(given: Answers, path: Path | None, *, fetch: bool) -> tuple[bytes | None, tuple[str, ...]]:
    if path is not None:
        manifest, note = install.read(path, given.argocd_version)
        return manifest, _said(note)
    if not fetch:
        return None, (_REMOTE,)
    try:
        manifest, note = install.fetch(given.argocd_version)
    except install.Unreachable as error:
        return None, (str(error), _REMOTE)
    return manifest, _said(note)


def _said(note: str) -> tuple[str, ...]:
    return (note,) if note else ()


def refuse_unless_empty(directory: Path) -> None:
    """Raises Failure unless a folder is new, empty or a fresh clone."""
    if directory.exists() and not directory.is_dir():
        raise Failure(f"{directory} is a file; name a folder that is new, empty or a fresh clone")
    there = sorted(path.name for path in directory.iterdir()) if directory.is_dir() else []
    left = [name for name in there if name.split(".md")[0].split(".txt")[0] not in _HARMLESS]
    if left:
        raise Failure(f"{directory} is not empty: it holds {_some(left)}; name a folder that is new, or a fresh clone")
    kept = [name for name in there if name.startswith("README")]
    if kept and not git.is_committed(directory, kept[0]):
        raise Failure(f"{directory / kept[0]} would be replaced, and git has no copy of it; commit or remove it first")


def _some(names: Iterable[str]) -> str:
    first, *rest = names
    return first + (f" and {len(rest)} more" if rest else "")


def _move(aside: Path, directory: Path) -> None:
    """Puts what was made into place: by one rename where the folder is new, else entry by entry, undone on failure."""
    if not directory.exists():
        aside.chmod(0o755)
        aside.rename(directory)
        return
    moved: list[Path] = []
    replaced = aside / ".replaced"
    replaced.mkdir()
    try:
        for entry in sorted(aside.iterdir()):
            if entry == replaced:
                continue
            target = directory / entry.name
            if target.exists():
                target.rename(replaced / entry.name)
            moved.append(target)
            entry.rename(target)
    except BaseException:
        for target in moved:
            shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)
        for entry in replaced.iterdir():
            entry.rename(directory / entry.name)
        raise


def _next_steps(given: Answers, directory: Path) -> tuple[str, ...]:
    cloned = (directory / ".git").exists()
    return (
        *([] if directory.resolve() == Path.cwd() else [f"cd {shlex.quote(str(directory))}"]),
        *([] if cloned else [f"git init --initial-branch={given.branch}"]),
        *([] if cloned and git.remotes(directory) else [f"git remote add origin {given.repo_url}"]),
        "pip install pre-commit && pre-commit install",
        'git add --all && git commit --message="Describe what runs on our clusters"',
        f"git push --set-upstream origin HEAD:{given.branch}",
        "gitopsmith bootstrap --context CONTEXT",
        "and read README.md, which is about your repository",
    )
