"""The command group ``add``. Each of its commands is a file, imported when it is called."""

from __future__ import annotations

import click

from gitopsmith.cli.lazy import Lazy

COMMANDS = {
    "app": "Add an application, in all environments or in some.",
    "env": "Add an environment, with every application in it.",
    "platform": "Add a Helm chart to a cluster.",
    "secret": "Add a secret, sealed or named in a store, and never in plain text.",
}


@click.group(
    "add",
    cls=Lazy,
    summaries=COMMANDS,
    modules="gitopsmith.cli.add_",
    context_settings={"help_option_names": ["-h", "--help"]},
)
def command() -> None:
    """Add to a generated repository, in place: edits, comments and order of its owner stay.

    All files are written, or none; what is there already stays as it is, and something else in the place of a new
    file is refused. Findings that the addition brings are printed, and make the exit code 1.
    """
