"""The command ``status``."""

from __future__ import annotations

import shutil
import sys
import time
from datetime import UTC, datetime
from typing import NoReturn

import click

from gitopsmith import status
from gitopsmith.cli import options
from gitopsmith.cli.output import colored, show
from gitopsmith.finding import Failure
from gitopsmith.lint import scope
from gitopsmith.live import NAMESPACE
from gitopsmith.status import Looker, Status

EVERY = 5.0
"""Seconds between two looks."""
WIDE = 1000
"""Columns of what is no terminal: as many as it takes."""
_CLEAR = "\033[H\033[2J"


@click.command("status", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--env", "environment", default="", metavar="NAME", help="Only this environment.")
@click.option("--watch", is_flag=True, help="Look again and again: draws anew on a terminal, prints changes elsewhere.")
@click.option(
    "--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True, help="How to write."
)
@click.option("--fail", is_flag=True, help="Exit with 1 when something is not as git has it, failed or is not healthy.")
@click.option("--context", default="", metavar="NAME", help="kubectl context to use; the current one by default.")
@click.option(
    "--argocd-namespace", "namespace", default=NAMESPACE, show_default=True, metavar="NAME", help="Where Argo CD lives."
)
@click.option("--git-only", is_flag=True, help="Ask no cluster, and say what git says.")
@click.option("--remote", default="", metavar="NAME", help="The remote that Argo CD follows; origin by default.")
@click.option("--branch", default="", metavar="NAME", help="The branch that it follows; the remote's own by default.")
@options.jobs
@options.timeout
@options.color
def command(
    environment: str,
    *,
    watch: bool,
    form: str,
    fail: bool,
    context: str,
    namespace: str,
    git_only: bool,
    remote: str,
    branch: str,
    jobs: int | None,
    timeout: float,
    color: str,
) -> int:
    """Show what runs where: every application in every environment, by the cluster beside git.

    Changes nothing. Argo CD is asked through kubectl, or through its own API where ARGOCD_SERVER and ARGOCD_AUTH_TOKEN
    are set, or `argocd login` was called; without either it says what git says. GIT is the last commit that changed an
    application, CLUSTER the last such one that Argo CD has seen: where they are the same, it is up to date.

    Exit codes: 0 shown; 1 with --fail, something is not in order, or no cluster could be asked; 2 wrong usage or
    configuration; 3 the cluster that --context names, or the Argo CD that the variables name, cannot be asked.
    """
    if watch and form == "json":
        raise click.UsageError("--watch shows text; call it again and again for JSON")
    asked = status.Options(environment, context, namespace, remote, branch, git_only, jobs or 0, timeout)
    looker = Looker(scope.find_root(scope.Options()), asked)
    if watch:
        _watch(looker, color=colored(color))
    found = looker.look()
    show(status.document(found) if form == "json" else _drawn(found, color=colored(color)))
    return int(fail and not (found.is_in_order and (found.access or git_only)))


def _drawn(found: Status, *, color: bool) -> str:
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDE
    return status.text(found, datetime.now(UTC), color=color, width=columns)


def _watch(looker: Looker, *, color: bool) -> NoReturn:
    """Looks until it is interrupted."""
    before: Status | None = None
    while True:
        try:
            before = _again(looker, before, color=color)
        except Failure as error:
            if before is None:
                raise
            click.echo(f"gitopsmith: {error}", err=True)
        time.sleep(EVERY)


def _again(looker: Looker, before: Status | None, *, color: bool) -> Status:
    found, now = looker.look(), datetime.now().astimezone()
    if sys.stdout.isatty():
        show(_CLEAR + _drawn(found, color=color) + f"{now:%H:%M:%S}, again in {EVERY:g} s; Ctrl-C ends this\n")
    else:
        show(status.changes(before, found, now))
    return found
