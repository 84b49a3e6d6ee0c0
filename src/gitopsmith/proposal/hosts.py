"""Tells what serves a repository, and so how a pull request is asked for there."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from gitopsmith import git
from gitopsmith.answers import urls

GITHUB, GITLAB = "github", "gitlab"
_PATH = re.compile(r"(?:https?://[^/]+/|ssh://[^/]+/|[^/:]+:)(?P<path>.+?)(?:\.git)?/?\Z")


class Host(NamedTuple):
    """Who serves a repository: ``github``, ``gitlab`` or empty, under which name, and the repository's path there."""

    kind: str
    name: str
    path: str

    def opening(self, branch: str, into: str) -> str:
        """Returns the page on which a person asks for a branch to be merged, an empty text where none is known."""
        if self.kind == GITHUB:
            return f"https://{self.name}/{self.path}/compare/{quote(into)}...{quote(branch)}?expand=1"
        if self.kind == GITLAB:
            asked = f"merge_request[source_branch]={quote(branch)}&merge_request[target_branch]={quote(into)}"
            return f"https://{self.name}/{self.path}/-/merge_requests/new?{asked}"
        return ""


def host(root: Path, remote: str) -> Host:
    """Returns what serves a remote of a clone, by its URL, and in CI by what that says of itself."""
    url = urls.usable(git.setting(root, f"remote.{remote}.url"))
    name, found = urls.host(url), _PATH.match(url)
    return Host(_kind(name), name, found["path"] if found else "")


def _kind(name: str) -> str:
    for kind, served in ((GITHUB, _served("GITHUB_SERVER_URL", "GH_HOST")), (GITLAB, _served("CI_SERVER_URL"))):
        if name and (name in served or kind in name):
            return kind
    return ""


def _served(*variables: str) -> set[str]:
    """Returns the hosts that variables of the environment name, as a URL or as they are."""
    values = (os.environ.get(name, "") for name in variables)
    return {(urlsplit(value).hostname or value).lower() for value in values if value}
