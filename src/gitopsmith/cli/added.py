"""What the commands of ``add`` share: where they work, and what they say when it is done."""

from __future__ import annotations

from pathlib import Path

import click

from gitopsmith import report
from gitopsmith.generate import add

directory = click.option(
    "--directory",
    default=".",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The repository, or a folder in it; the current folder by default.",
)


def put(repository: Path, changes: add.Changes) -> int:
    """Writes changes, and says what was done; returns 1 where they bring findings."""
    done = add.put(repository, changes)
    for word, paths in (("created", done.created), ("changed", done.changed)):
        for path in paths:
            click.echo(f"{word} {path}")
    for note in done.notes:
        click.echo(f"note: {note}", err=True)
    if done.report is None:
        click.echo("nothing changed")
        return 0
    if not done.report.findings:
        click.echo("lint finds nothing new")
        return 0
    click.echo(report.FORMATS["text"](done.report, report.Options(color=False, quiet=True, verbose=False)), nl=False)
    return 1
