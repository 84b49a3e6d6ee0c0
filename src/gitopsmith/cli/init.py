"""The command ``init``."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from gitopsmith import adopt, config, git
from gitopsmith.adopt import Plan, Understood, Wanted, Written
from gitopsmith.cli import taking
from gitopsmith.finding import Failure
from gitopsmith.policy import PROFILES
from gitopsmith.report.summary import number


@click.command("init", context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--url", "urls", multiple=True, metavar="URL", help="A repoURL that means this repository; may be repeated."
)
@click.option(
    "--environment",
    "environments",
    multiple=True,
    metavar="NAME[!][=GLOB,...]",
    help="An environment, ! for a protected one; repeated in promotion order. Without GLOB, folders of its name.",
)
@click.option("--kubernetes-version", metavar="1.X", help=f"Kubernetes of the clusters; else {config.KUBERNETES}.")
@click.option("--argocd-version", metavar="X.Y.Z", help=f"Argo CD that deploys it; else {config.ARGOCD}.")
@click.option(
    "--profile", type=click.Choice(PROFILES), default="standard", show_default=True, help="Which rules are on."
)
@click.option("--ci", type=click.Choice(adopt.HOSTS), help="Whose checks to write; else those of its host.")
@click.option("--hook/--no-hook", default=None, help="Whether to write the hook of pre-commit; it is by default.")
@click.option("-y", "--yes", is_flag=True, help="Ask nothing; take what was understood for what is not given.")
@click.option("--dry-run", is_flag=True, help="Ask and write nothing; print the configuration that would be written.")
def command(
    urls: tuple[str, ...],
    environments: tuple[str, ...],
    kubernetes_version: str | None,
    argocd_version: str | None,
    profile: str,
    ci: str | None,
    *,
    hook: bool | None,
    yes: bool,
    dry_run: bool,
) -> None:
    """Take up the repository around the current folder: configuration, baseline, hook and CI checks.

    Shows first what it takes the repository for, and asks. Files that are there already stay; the hook is put beside
    others of pre-commit. Findings that are there already are in the baseline, so that only new ones count.
    """
    root = git.toplevel(Path.cwd())
    if root is None:
        raise Failure("this folder is in no git checkout; init takes up a repository")
    understood = adopt.amended(adopt.understand(root), urls or None, environments or None)
    wanted = Wanted(
        taking.kubernetes(kubernetes_version or config.KUBERNETES),
        taking.argocd(argocd_version or config.ARGOCD),
        profile,
        ci or adopt.host(root, understood.urls),
        hook is not False,
    )
    _say(_said(understood))
    asks = not (yes or dry_run or adopt.plan(root, understood, wanted).is_empty)
    if asks:
        if sys.stdin is None or not sys.stdin.isatty():
            raise Failure("nobody can be asked here; --yes writes these files, and --dry-run shows them")
        given = {"urls": urls, "environments": environments, "kubernetes": kubernetes_version, "ci": ci, "hook": hook}
        understood, wanted = taking.ask(
            understood, wanted, {name for name, value in given.items() if value not in {None, ()}}
        )
    planned = adopt.plan(root, understood, wanted)
    _say(_told(planned, dry_run=dry_run))
    if dry_run:
        click.echo(planned.files.get(config.FILE_NAME, ""), nl=False)
    elif not planned.is_empty:
        if asks:
            click.confirm("Write these files?", abort=True, err=True, default=True)
        _report(root, adopt.write(root, planned))


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line, err=True)


def _said(understood: Understood) -> Iterator[str]:
    yield f"applications in files: {understood.applications:,}; application sets: {understood.sets:,}"
    known = f"{', '.join(understood.urls) or 'named by no Application'} (by {understood.how})"
    yield f"this repository: {known if understood.how else 'not known; name it with --url'}"
    for one in understood.environments:
        served = f", served by {one.cluster}" if one.cluster else ""
        yield f"environment: {one.name} in {', '.join(one.paths)}{served}{', protected' if one.protected else ''}"
    if not understood.environments:
        yield "environments: none are told by the names of folders; name them with --environment"
    yield f"clusters: {', '.join(understood.clusters) or 'none are named'}"
    if understood.asking:
        sets = number(understood.asking, "application set")
        yield f"{sets} generate for the clusters that Argo CD knows; name these under clusters"


def _told(planned: Plan, *, dry_run: bool) -> Iterator[str]:
    writes = "would write" if dry_run else "writes"
    yield from (f"{writes} {path}" for path in planned.files)
    yield from (f"{writes} the hook into {path}, and changes nothing else there" for path in planned.edited)
    yield from [f"{writes} .gitopsmith/baseline.txt"] if planned.baseline else []
    yield from (
        f"keeps {path}, which is there already{f'; {advice}' if advice else ''}"
        for path, advice in planned.kept.items()
    )
    if planned.is_empty:
        yield "this repository is taken up: nothing is left to write"


def _report(root: Path, written: Written) -> None:
    made = number(len(written.files) + len(written.edited), "file")
    click.echo(f"wrote {made}; {number(written.findings, 'finding')} from before in the baseline")
    at = f"git -C {shlex.quote(str(root))}"
    click.echo(f"to undo: {at} clean --force -x -- {shlex.join(written.files)}")
    if written.edited:
        click.echo(f"and take the hook out of {', '.join(written.edited)}")
    click.echo("next: read .gitopsmith.yaml, run gitopsmith lint, and commit these files")
