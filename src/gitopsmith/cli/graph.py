"""The command ``graph``."""

from __future__ import annotations

from pathlib import Path

import click

from gitopsmith.applied import drawing
from gitopsmith.applied.opening import look_around, reached
from gitopsmith.applied.outline import outline
from gitopsmith.cli import options
from gitopsmith.cli.output import show


@click.command("graph", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--format",
    "form",
    type=click.Choice(tuple(drawing.FORMATS)),
    default="text",
    show_default=True,
    help="How to write.",
)
@options.jobs
@options.timeout
def command(paths: tuple[str, ...], form: str, jobs: int | None, timeout: float) -> int:
    """Show the tree of what Argo CD applies: Applications at any depth, their sources, objects by kind.

    The repository is the one around PATH; several paths, or one below the root, leave only what they reach. What no
    Application deploys stands apart, and what cannot be known without a network or a plugin is told.
    """
    named = tuple(Path(path) for path in paths)
    applied, only = look_around(named, jobs=jobs or 0, timeout=timeout)
    show(drawing.FORMATS[form](outline(applied if only is None else reached(applied, only))))
    return 0
