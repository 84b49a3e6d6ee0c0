"""Reads kustomize's complaint: which directory it was in, and what is wrong there, in fewer words."""

from __future__ import annotations

import os
import re
from pathlib import Path

from gitopsmith.render import Failed

_DIRECTORY = re.compile(
    r"(?:couldn't make target for path|recursed accumulation of path|recursed merging from path) '([^']+)'"
)
_ATTEMPT = re.compile(
    r"accumulation err='(?:accumulating|merging) resources from '(?P<entry>[^']*)': "
    r"(?P<as_file>.*?)': (?P<as_directory>.*)",
    re.DOTALL,
)
_NOISE = (
    (re.compile(r"accumulat(?:ing (?:resources|components)|eDirectory): "), ""),
    (re.compile(r"accumulating resources from (?=')"), ""),
    (re.compile(r"trouble configuring builtin \w+ with config: `.*?`: ", re.DOTALL), ""),
    (re.compile(r"loader\.New \"(?:must build at directory: )?(.*)\"\Z", re.DOTALL), r"\1"),
    (re.compile(r"must build at directory: |not a valid directory: "), ""),
    (
        re.compile(r"merging from generator &\{[^}]*\}: id resid\.ResId\{.*?Kind:\"(\w+)\".*?Name:\"(.*?)\".*?\} does"),
        r"\1 '\2' does",
    ),
    (re.compile(r"&\{0x[0-9a-f ]+\}: "), ""),
    (re.compile(r"(no resource matches strategic merge patch \"[^\"]*\"): no matches for Id .*"), r"\1"),
    (re.compile(r": unable to run: '\S+ template (?:\S+ )?(/\S+) .*", re.DOTALL), r" (chart \1)"),
    (re.compile(r"evalsymlink failure on '[^']*' : lstat "), ""),
)
MAX_COMPLAINT = 20_000
_ASKED = re.compile(
    r"accumulation err='accumulating resources from 'https?://[^']*': (?:URL is a git repository|Get \"[^\"]*\": .*?|"
    r"HTTP Error: [^']*)': (?!must build at directory: not a valid directory: evalsymlink failure on '[^']*/https?:/)",
    re.IGNORECASE | re.DOTALL,
)
"""That a remote base is no file, which kustomize tries before it asks git; not where it takes it for a file alone."""
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
    said = _ASKED.sub("", "\n".join(errors).removeprefix("Error: ").strip())
    for kind, pattern in _UNDECIDABLE:
        if pattern.search(said):
            return Failed(kind, _shorten(said, root, folder), entry)
    directories = _DIRECTORY.findall(said)
    directory = os.path.relpath(directories[-1], root).replace(os.sep, "/") if directories else entry
    if directory.startswith(".."):
        directory = entry
    return Failed("error", _shorten(said, root, folder), "" if directory == "." else directory)


def _shorten(said: str, root: Path, folder: Path) -> str:
    said = said[-MAX_COMPLAINT:]
    inner = list(_DIRECTORY.finditer(said))
    if inner:
        said = said[inner[-1].end() :].removeprefix(": ")
        said = said.removesuffix('"' * (said.count('"') % 2))  # where the quotation began that ends here
    attempt = _ATTEMPT.search(said)
    if attempt:
        said = _likelier(attempt)
    for pattern, replacement in _NOISE:
        said = pattern.sub(replacement, said, count=1)
    for place in (root, folder):
        if place != Path():
            said = said.replace(f"{place}/", "").replace(str(place), ".")
    return " ".join(said.split())[:600]


def _likelier(attempt: re.Match[str]) -> str:
    """Chooses between kustomize's two complaints about an entry, which it tries as a file and then as a directory."""
    entry, as_file, as_directory = attempt.group("entry", "as_file", "as_directory")
    missing = "no such file or directory"
    if as_file.endswith(missing) and as_directory.endswith(missing):
        return f"'{entry}': {missing}"
    is_file = as_directory.endswith("file is not directory")
    return f"'{entry}': {as_file if is_file else as_directory}"
