"""The command ``diff``."""

from __future__ import annotations

import click

from gitopsmith.cli import options
from gitopsmith.cli.output import colored, show
from gitopsmith.diff import Difference, Options, diff, document, markdown, text

FORMATS = ("text", "json", "markdown")


@click.command("diff", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("base", default="", metavar="[BASE]")
@click.argument("head", default="", metavar="[HEAD]")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="How to write to stdout."
)
@click.option("--findings", is_flag=True, help="Lint both sides, and tell which findings are new and which are fixed.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 when there is a difference.")
@options.jobs
@options.timeout
@options.fetch
@options.color
def command(
    base: str,
    head: str,
    form: str,
    *,
    findings: bool,
    exit_code: bool,
    jobs: int | None,
    timeout: float,
    fetch: bool,
    color: str,
) -> int:
    """Show what a change really changes: both revisions rendered as Argo CD renders them, without a cluster.

    BASE is where HEAD left the default branch unless it is given, HEAD is the work tree as it lies. "markdown" is the
    comment for a pull request. A source that names a tag or commit of this repository is shown as that has it, so an
    Application that goes on to another one shows what it brings. The values of secrets are hidden everywhere; one that
    changes says so.
    """
    found = diff(Options(base, head, findings, jobs or 0, timeout, fetch))
    show(_written(found, form, color=colored(color)))
    return int(exit_code and not found.is_empty)


def _written(found: Difference, form: str, *, color: bool) -> str:
    if form == "text":
        return text(found, color=color)
    return document(found) if form == "json" else markdown(found)
