"""Looks at files as git holds them: links, what a merge left, and the workflows of CI."""

from __future__ import annotations

import posixpath
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from gitopsmith import argocd, git
from gitopsmith.evaluate import Judge
from gitopsmith.finding import Finding, Location, Route, Severity
from gitopsmith.manifest import items, mapping, pointer, text
from gitopsmith.tree import Tree, is_yaml

LINK, MERGE, ACTION = "link-leads-out", "merge-conflict-left", "ci-action-unpinned"
WORKFLOWS = ".github/workflows/"
_MARKERS = re.compile(rb"^<{7} .*?^={7}\r?$.*?^>{7} ", re.MULTILINE | re.DOTALL)


def check_files(judge: Judge, only: frozenset[str] | None) -> list[Finding]:
    """Returns what is wrong with files of the repository, those that are named or all."""
    if not {LINK, MERGE, ACTION} & set(judge.rules):
        return []
    tree = judge.tree
    found: list[Finding] = []
    for path in tree.files if only is None else sorted(only & set(tree.files)):
        found += _of_link(judge, path)
        if is_yaml(path):
            found += _of_text(judge, path)
    return found


def _of_link(judge: Judge, path: str) -> Iterator[Finding]:
    try:
        about = (judge.tree.root / path).lstat()
    except OSError:
        return
    if stat.S_ISLNK(about.st_mode) and _leads_out(judge.tree, path):
        message = "this link leads out of the repository, and Argo CD renders nothing of a repository that has one"
        yield from _finding(judge, LINK, Location(path, 1, 1, 1, 2), f"{message}; put the file itself here")


def _leads_out(tree: Tree, path: str) -> bool:
    """Tells whether a link's text leads out of its repository, also on the way, as Argo CD looks at it."""
    target = str((tree.root / path).readlink())
    if target.startswith("/"):
        return True
    top = git.toplevel(tree.root) or tree.root
    prefix = tree.root.relative_to(top) if tree.root.is_relative_to(top) else Path()
    here = posixpath.dirname(posixpath.join(prefix.as_posix(), path))
    for part in target.split("/"):
        here = posixpath.normpath(posixpath.join(here, part))
        if here == ".." or here.startswith("../"):
            return True
    return False


def _of_text(judge: Judge, path: str) -> Iterator[Finding]:
    data = judge.tree.data(path) or b""
    found = _MARKERS.search(data) if b"\n>>>>>>> " in data else None
    if found:
        line = data.count(b"\n", 0, found.start()) + 1
        message = "a merge left both sides here; keep one of them, and remove the markers"
        yield from _finding(judge, MERGE, Location(path, line, 1, line, 8), message)
    if path.startswith(WORKFLOWS) and ACTION in judge.rules:
        yield from _of_workflow(judge, path)


def _of_workflow(judge: Judge, path: str) -> Iterator[Finding]:
    asked = judge.config.promises.actions
    for document in judge.tree.documents(path).documents:
        for route, used in _uses(document.body):
            name, _, revision = used.partition("@")
            if used.startswith(("./", "docker://")) or argocd.is_commit(revision):
                continue
            moves = not re.match(r"v?\d", revision)
            if not moves and asked != "commits":
                continue
            message = f"action {name!r} is used at {revision!r}, which can change; name the commit"
            severity = Severity.ERROR if asked != "any" else Severity.WARNING
            place = document.location(path, route)
            yield from _finding(judge, ACTION, place, message, severity, pointer(document.body, route))


def _uses(body: object) -> Iterator[tuple[Route, str]]:
    for name, job in mapping(body, "jobs").items():
        if used := text(job, "uses"):
            yield ("jobs", name, "uses"), used
        for route, step in items(job, "steps"):
            if used := text(step, "uses"):
                yield ("jobs", name, *route, "uses"), used


def _finding(
    judge: Judge,
    rule: str,
    place: Location,
    message: str,
    severity: Severity = Severity.ERROR,
    named: str = "",
) -> Iterator[Finding]:
    if rule in judge.rules:
        yield Finding(rule, min(severity, judge.rules[rule]), message, place, pointer=named)
