"""The command ``init``."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from gitopsmith import adopt, git
from gitopsmith.adopt import Plan, Understood
from gitopsmith.finding import Failure
from gitopsmith.report.summary import number


@click.command("init", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--defaults", is_flag=True, help="Ask nothing; write what was understood.")
def command(*, defaults: bool) -> None:
    """Take up the repository around the current folder: configuration, baseline, hook and CI workflow.

    Shows first what it takes the repository for, and asks. Files that are there already stay; findings that are there
    already are in the baseline, so that only new ones count.
    """
    root = git.toplevel(Path.cwd())
    if root is None:
        raise Failure("this folder is in no git checkout; init takes up a repository")
    understood = adopt.understand(root)
    planned = adopt.plan(root, understood)
    for line in (*_said(understood), *_told(planned)):
        click.echo(line, err=True)
    if not defaults:
        if sys.stdin is None or not sys.stdin.isatty():
            raise Failure("nobody can be asked here; --defaults writes these files")
        click.confirm("Write these files?", abort=True, err=True)
    paths, count = adopt.write(root, planned)
    click.echo(f"wrote {len(paths)} files; {number(count, 'finding')} from before in the baseline")
    click.echo(f"to undo: git -C {shlex.quote(str(root))} clean --force -x -- {shlex.join(paths)}")


def _said(understood: Understood) -> Iterator[str]:
    yield f"applications in files: {understood.applications:,}"
    known = f"{', '.join(understood.urls) or 'named by no Application'} (by {understood.how})"
    yield f"this repository: {known if understood.how else 'not known; set repository.urls'}"
    for one in understood.environments:
        yield f"environment: {one.name} in {', '.join(one.paths)}{', protected' if one.protected else ''}"
    if not understood.environments:
        yield "environments: none are told by the names of folders"
    yield f"clusters: {', '.join(understood.clusters) or 'none are named'}"


def _told(planned: Plan) -> Iterator[str]:
    yield from (f"writes {path}" for path in planned.files)
    yield "writes .gitopsmith/baseline.json"
    yield from (f"keeps {path}, which is there already; add the call of gitopsmith lint to it" for path in planned.kept)
