"""The command ``bootstrap``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from gitopsmith import bootstrap
from gitopsmith.finding import Failure


@click.command("bootstrap", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument(
    "directory", default=".", metavar="[DIRECTORY]", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option("--context", default="", metavar="NAME", help="kubectl context to use; the current one by default.")
@click.option("--yes", is_flag=True, help="Do not ask whether this is the right cluster.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    default=900.0,
    show_default=True,
    help="Seconds until everything has to be Synced and Healthy.",
)
@click.option("--dry-run", is_flag=True, help="Make all checks, tell what would be done, and change nothing.")
@click.option("--external-argocd", is_flag=True, hidden=True, help="Argo CD runs as no pod: do not wait for any.")
def command(directory: Path, context: str, *, yes: bool, timeout: float, dry_run: bool, external_argocd: bool) -> int:
    """Install Argo CD on a cluster, and hand it the repository in DIRECTORY.

    Checks everything first, and tells all that is wrong at once. Then it applies Argo CD, the repository's credential,
    the platform's projects and roots, and waits until every Application is Synced and Healthy. It can be run again at
    any time.

    The credential comes from the environment: GITOPSMITH_TOKEN (and GITOPSMITH_USERNAME), or GITOPSMITH_SSH_KEY_FILE,
    or GITOPSMITH_GITHUB_APP_ID, GITOPSMITH_GITHUB_APP_INSTALLATION_ID and GITOPSMITH_GITHUB_APP_KEY_FILE.

    Exit codes: 0 everything is Synced and Healthy; 1 a check failed, or the time is over; 2 wrong usage, or no
    repository of gitopsmith's; 3 kubectl or the cluster failed; 130 interrupted.
    """
    root = directory.resolve()
    given = bootstrap.load(root)
    options = bootstrap.Options(timeout, external_argocd)
    ready = bootstrap.check(root, given, context, os.environ, click.echo)
    if ready.failures:
        raise Failure(f"{ready.failures} of {len(ready.checks)} checks failed; nothing was changed", status=1)
    if dry_run:
        click.echo("\nWould, in this order:")
        for number, line in enumerate(bootstrap.plan(root, given, ready, options), 1):
            click.echo(f"{number:2}. {line}")
        return 0
    _confirm(ready, yes=yes)
    try:
        left = bootstrap.run(root, given, ready, options, _progress)
    except KeyboardInterrupt:
        click.echo("\nStopped. Run the same command again to go on from here.", err=True)
        raise
    if left:
        click.echo("\n".join(left))
        those = "1 Application is" if len(left) == 1 else f"{len(left)} Applications are"
        raise Failure(f"{those} not Synced and Healthy; run the same command to look again", status=1)
    assert ready.target is not None
    click.echo("\n".join(bootstrap.farewell(given, ready.target.kubectl.context)))
    return 0


def _progress(line: str) -> None:
    click.echo(line, err=True)


def _confirm(ready: bootstrap.Ready, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise Failure(f"nobody is here to confirm that {ready.target} is the right cluster; say so by --yes")
    if not click.confirm(f"Install Argo CD on {ready.target}?", err=True):
        raise Failure("nothing was changed", status=1)
