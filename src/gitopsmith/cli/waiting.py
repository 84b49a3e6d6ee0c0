"""Waits, for the person at the terminal, until Argo CD runs a commit; says so by the second."""

from __future__ import annotations

import os
import time
from functools import partial

import click

from gitopsmith import git, landing
from gitopsmith.finding import Failure
from gitopsmith.landing import Upstream
from gitopsmith.live import advice, find, wait
from gitopsmith.rollback import Sides, is_there
from gitopsmith.states import Place, Reader, beginning
from gitopsmith.states.following import Follower

LONGEST_REVIEW = 3600.0
"""Seconds that a pull request gets until it is merged."""
BETWEEN_LOOKS = 3.0


def watch(reader: Reader, upstream: Upstream, place: Place, commit: str, *, budget: float, begun: float) -> int:
    """Waits for a commit, and records it as running; returns 1 where that takes more seconds than there are.

    ``begun`` is the moment of ``time.monotonic`` from which seconds count. Where Argo CD cannot be asked, it says what
    to watch instead.
    """
    app, environment = place.app, place.environment.name
    fetch = partial(landing.newest, reader.root, upstream)
    follower = Follower(reader, commit, app, environment, fetch)
    try:
        access = find(os.environ).access
        waited = wait(access, place.application, commit, follower, budget=budget, tell=_tell, begun=begun)
    except Failure as error:
        click.echo(f"Argo CD cannot be asked: {error}", err=True)
        advise(place, commit)
        return error.status
    _tell(", ".join(f"{name} after {seconds:.1f} s" for name, seconds in waited.phases.items()))
    spent = time.monotonic() - begun
    if waited.superseded:
        click.echo(f"{waited.reason} after {spent:.1f} s: {_meaning(place, commit, waited.superseded)}", err=True)
        advise(place, waited.superseded)
        return 1
    if not waited.is_done:
        click.echo(f"not done after {spent:.1f} s of {budget:g} s: {waited.reason or 'it goes on'}", err=True)
        advise(place, commit)
        return 1
    click.echo(f"{place} runs {commit[:12]}, synced and healthy, after {spent:.1f} s")
    _record(reader, upstream, place, commit)
    return int(spent > budget)


def merged(reader: Reader, upstream: Upstream, wanted: Sides, commit: str) -> str:
    """Waits until the branch has what a pull request brings; returns by which commit, empty after an hour.

    ``wanted`` is built on the commit that was the newest, and has as its target the tree that was asked for with
    ``commit``. That may come by a merge, or squashed; what else has changed meanwhile may make it render otherwise.
    """
    begun, looked_at = time.monotonic(), wanted.tip
    while time.monotonic() - begun < LONGEST_REVIEW:
        tip = landing.newest(reader.root, upstream)
        if tip != looked_at and (git.contains(reader.root, tip, commit) or is_there(wanted._replace(tip=tip))):
            found = beginning(reader, tip, wanted.app, wanted.environment)
            _tell(f"merged as {found[:12]} after {time.monotonic() - begun:.0f} s")
            return found
        looked_at = tip
        time.sleep(BETWEEN_LOOKS)
    click.echo(f"not merged within {LONGEST_REVIEW:.0f} s", err=True)
    return ""


def advise(place: Place, commit: str) -> None:
    """Says what a person watches without this program."""
    for line in advice(place.application, commit):
        click.echo(line)


def _meaning(place: Place, commit: str, later: str) -> str:
    """Says what it means that a later commit came, and how to go back all the same."""
    again = f"gitopsmith rollback {place.app} --env {place.environment.name} --to {commit[:12]} --push --wait"
    return (
        f"somebody has changed {place} again since, and that is what Argo CD applies now; nothing of it was ended; "
        f"`git show {later[:12]}` tells what it is, and `{again}` goes back again"
    )


def _record(reader: Reader, upstream: Upstream, place: Place, commit: str) -> None:
    """Records what runs, for the next rollback; where that is not allowed, nothing is lost but that."""
    try:
        landing.mark(reader.root, upstream.remote, place.app, place.environment.name, commit)
    except Failure as error:
        click.echo(f"note: not recorded as running: {error}", err=True)


def _tell(said: str) -> None:
    if said:
        click.echo(said, err=True)
