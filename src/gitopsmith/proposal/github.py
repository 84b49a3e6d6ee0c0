"""Asks GitHub for a pull request through its own program, ``gh``, which has the login."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from gitopsmith import tools
from gitopsmith.finding import Failure
from gitopsmith.manifest import text
from gitopsmith.proposal.hosts import Host

TIMEOUT = 60.0
"""Seconds that GitHub has for one answer."""
_METHODS = ("--squash", "--rebase", "--merge")
"""How to merge, best first: the first two keep the message of the commit, and so what programs read there."""


def known(host: Host, branch: str, into: str) -> str:
    """Returns the URL of the open pull request from one branch into another, an empty text where there is none."""
    asked = ("list", "--head", branch, "--base", into, "--state", "open", "--json", "url")
    said = _gh(host, *asked)
    try:
        found = json.loads(said or "[]")
    except ValueError:
        raise Failure("gh does not list pull requests as it should; it may be too old", status=3) from None
    return next((url for one in found if (url := text(one, "url"))), "")


def create(host: Host, branch: str, into: str, title: str, body: str) -> str:
    """Makes a pull request, and returns its URL. Raises Failure with GitHub's complaint."""
    with tempfile.TemporaryDirectory(prefix="gitopsmith-") as folder:
        file = Path(folder) / "body.md"
        file.write_text(body, encoding="utf-8", errors="replace")
        asked = ("create", "--head", branch, "--base", into, "--title", title, "--body-file", str(file))
        said = _gh(host, *asked).split()
    return next((word for word in reversed(said) if word.startswith("https://")), "")


def merge_when_ready(host: Host, url: str) -> str:
    """Has a pull request merged once it may be; returns why that is not to be, else nothing."""
    complaints = []
    for method in _METHODS:
        try:
            _gh(host, "merge", url, "--auto", method)
        except Failure as error:
            complaints.append(str(error))
        else:
            return ""
    return complaints[0]


def _gh(host: Host, verb: str, *arguments: str) -> str:
    """Runs ``gh pr``, about the repository and no other that it may take for the one that is meant."""
    named = () if verb == "merge" else ("--repo", f"{host.name}/{host.path}")
    variables = {"GH_PROMPT_DISABLED": "1", "NO_COLOR": "1"}
    output = tools.run("gh", "pr", verb, *arguments, *named, timeout=TIMEOUT, environment=variables)
    if output.status != 0:
        raise Failure(f"gh pr {verb}: {output.complaint or f'it ended with status {output.status}'}", status=3)
    return output.stdout.decode("utf-8", "replace")
