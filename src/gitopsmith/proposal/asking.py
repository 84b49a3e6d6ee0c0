"""Asks for a proposal to be merged: a branch of its own, pushed, and a pull request from it where that is known how."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from gitopsmith import git, tools
from gitopsmith.finding import Failure
from gitopsmith.git import writing
from gitopsmith.landing import Upstream
from gitopsmith.proposal import github
from gitopsmith.proposal.hosts import GITHUB, GITLAB, Host, host
from gitopsmith.proposal.model import Proposal, is_message_of, message

LONGEST_LINE = 1000
"""Characters of a push option: a line of git's protocol holds no more than 64 kB, and a page shows fewer."""


class Asked(NamedTuple):
    """What became of a proposal: its branch and commit there, where to see or open its pull request, what to know.

    ``left`` says what a person must do, where it was to merge by itself and will not.
    """

    branch: str
    commit: str
    url: str
    is_open: bool
    notes: tuple[str, ...] = ()
    left: str = ""


def ask(root: Path, upstream: Upstream, base: str, proposal: Proposal, body: str, *, merge: bool = False) -> Asked:
    """Pushes a proposal that was made on a commit of a branch, and asks for it to be merged there.

    ``body`` says in Markdown what it changes; ``merge`` wants it merged as soon as it may be. What was asked for before
    and still fits is left as it is. Raises Failure with the host's words, and where the branch holds something else.
    """
    served, branch = host(root, upstream.remote), branch_of(proposal)
    note, proposal = _left_out(proposal), proposal.requested
    described = replace(proposal, body="\n\n".join(filter(None, (proposal.body, note))))
    options = _options(served, upstream, described, merge=merge)
    commit, said = _push(root, upstream, base, proposal, branch, options)
    notes = (note,) if note else ()
    if served.kind == GITHUB and tools.find("gh") is not None:
        pushed = Asked(branch, commit, "", is_open=True, notes=notes)
        return _on_github(served, upstream, pushed, proposal, "\n".join((body, *notes)), merge=merge)
    url = next((word for line in said for word in line.split() if word.startswith(("https://", "http://"))), "")
    is_open = served.kind == GITLAB and writing.DEAF not in said
    left = _by_hand(served, upstream) if merge and not is_open else ""
    return Asked(branch, commit, url or served.opening(branch, upstream.branch), is_open, notes, left)


def _left_out(proposal: Proposal) -> str:
    """Says what a request is without, an empty text where that is nothing."""
    if not proposal.direct:
        return ""
    return (
        f"{', '.join(sorted(proposal.direct))} stays as it is, so that no two requests conflict there; the next "
        "`gitopsmith rollback`, `promote` or `release` that changes a hold by `--push` tells Renovate of all holds."
    )


def _by_hand(served: Host, upstream: Upstream) -> str:
    """Says what a person does where nothing here can ask the host to merge."""
    advice = ", or install gh, log in, and run this again" if served.kind == GITHUB else ""
    return (
        f"it does not merge by itself, since no program here can ask for that: open it, have it approved, and merge it "
        f"into {upstream.branch}{advice}"
    )


def branch_of(proposal: Proposal) -> str:
    """Returns the name of a proposal's branch: what it does, and a mark that is the same whenever it is made again."""
    meant = "\n".join((proposal.subject, *(f"{name}: {value}" for name, value in proposal.lasting.items())))
    mark = hashlib.sha256(meant.encode("utf-8", "surrogateescape")).hexdigest()[:7]
    words = re.sub(r"[^a-z0-9.]+", "-", (proposal.name or proposal.subject).lower()).replace("..", "-").strip("-.")
    return f"{words[:60].strip('-.') or 'change'}-{mark}"


def _options(served: Host, upstream: Upstream, proposal: Proposal, *, merge: bool) -> tuple[str, ...]:
    """Returns the push options by which GitLab opens a merge request (docs.gitlab.com, push options)."""
    if served.kind != GITLAB:
        return ()
    told = {"title": proposal.subject, "description": " ".join(proposal.body.split())}
    written = (f"merge_request.{name}={value[:LONGEST_LINE]}" for name, value in told.items() if value)
    late = ("merge_request.merge_when_pipeline_succeeds",) if merge else ()
    into = f"merge_request.target={upstream.branch}"
    return ("merge_request.create", into, "merge_request.remove_source_branch", *written, *late)


def _push(
    root: Path, upstream: Upstream, base: str, proposal: Proposal, branch: str, options: tuple[str, ...]
) -> tuple[str, tuple[str, ...]]:
    """Returns the commit that the branch has then, and what the server said."""
    tip = writing.newest(root, upstream.remote, branch)
    if tip and not is_message_of(git.text(root, tip), proposal):
        raise Failure(f"the branch {branch} at {upstream.remote} holds something else; delete it, or merge that first")
    if tip and _still_fits(root, tip, base, proposal):
        return tip, ()
    commit = writing.commit_tree(root, writing.changed_tree(root, base, proposal.files), base, message(proposal))
    return commit, writing.publish(root, upstream.remote, commit, branch, tip, options)


def _still_fits(root: Path, tip: str, base: str, proposal: Proposal) -> bool:
    """Tells whether a branch changes the very same, and nobody has touched these files since it was made."""
    made_on = git.commit(root, f"{tip}^")
    if not made_on:
        return False
    before, now, there = (_files(root, commit, proposal) for commit in (made_on, base, tip))
    return before == now and there == dict(proposal.files)


def _files(root: Path, commit: str, proposal: Proposal) -> dict[str, writing.Entry | None]:
    found = writing.entries(root, commit, proposal.files)
    return {path: found.get(path) for path in proposal.files}


def _on_github(served: Host, upstream: Upstream, asked: Asked, proposal: Proposal, body: str, *, merge: bool) -> Asked:
    try:
        known = github.known(served, asked.branch, upstream.branch)
        url = known or github.create(served, asked.branch, upstream.branch, proposal.subject, body)
    except Failure as error:
        page = served.opening(asked.branch, upstream.branch)
        raise Failure(f"{error}; the branch is pushed, open a pull request at {page}", status=3) from error
    refused = github.merge_when_ready(served, url) if merge else ""
    left = f"it does not merge by itself: {refused}; have it approved, and merge it there" if refused else ""
    return asked._replace(url=url, notes=(*(["it was asked for before"] if known else []), *asked.notes), left=left)
