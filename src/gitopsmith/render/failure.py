"""Reads kustomize's complaint: which directory it was in, and what is wrong there, in fewer words."""

from __future__ import annotations

import os
import re
from pathlib import Path

from gitopsmith.render import Failed

_DIRECTORY = re.compile(
    r"(?:couldn't make target for path|recursed accumulation of path|recursed merging from path) '([^']+)'"
)
_NOISE = re.compile(
    r"^(?:accumulating resources: |accumulating components: |accumulateDirectory: \"?|"
    r"accumulation err='.*?(?:is a directory|must resolve to a file|no such file or directory)'?': |"
    r"accumulation err='accumulating resources from '[^']*': |"
    r"(?:couldn't make target for path|recursed accumulation of path|recursed merging from path) '[^']+': |"
    r"merging resources from '[^']*': )"
)
_UNDECIDABLE = (
    (
        "remote",
        re.compile(
            r"hit \d+s timeout|git (?:fetch|clone|init)|dial tcp|URL is a git repository|no 'git' program",
            re.IGNORECASE,
        ),
    ),
    ("helm", re.compile(r"must specify --enable-helm|unable to run: 'helm", re.IGNORECASE)),
    (
        "plugin",
        re.compile(
            r"external plugins disabled|unable to (?:find plugin root|load plugin)|--enable-exec", re.IGNORECASE
        ),
    ),
)


def explain(complaint: str, root: Path, entry: str, folder: Path) -> Failed:
    """Turns what kustomize wrote on stderr into a failure with the innermost directory and cause."""
    errors = [line for line in complaint.splitlines() if not line.startswith("# Warning")]
    said = "\n".join(errors).removeprefix("Error: ").strip()
    for kind, pattern in _UNDECIDABLE:
        if pattern.search(said):
            return Failed(kind, _shorten(said, root, folder), entry)
    directories = _DIRECTORY.findall(said)
    directory = os.path.relpath(directories[-1], root).replace(os.sep, "/") if directories else entry
    if directory.startswith(".."):
        directory = entry
    return Failed("error", _shorten(said, root, folder), "" if directory == "." else directory)


def _shorten(said: str, root: Path, folder: Path) -> str:
    while True:
        shorter = _NOISE.sub("", said, count=1)
        inner = list(_DIRECTORY.finditer(shorter))
        if inner:
            shorter = shorter[inner[-1].end() :].removeprefix(": ")
        if shorter == said:
            break
        said = shorter
    said = said.replace(f"{root}/", "").replace(str(root), ".")
    if folder != Path():
        said = said.replace(f"{folder}/", "").replace(str(folder), "")
    return " ".join(said.split()).strip("\"' ")[:600]
