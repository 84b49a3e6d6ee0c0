"""The command group ``add``. Each of its commands is a file, imported when it is called."""

from __future__ import annotations

import importlib

import click

COMMANDS = {
    "app": "Add an application, in all environments or in some.",
    "env": "Add an environment, with every application in it.",
    "platform": "Add a Helm chart to a cluster.",
    "secret": "Add a secret, sealed or named in a store, and never in plain text.",
}


class _Lazy(click.Group):
    """A group that knows its commands by name and imports one when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"gitopsmith.cli.add_{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group("add", cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Add to a generated repository, in place: edits, comments and order of its owner stay.

    All files are written, or none; what is there already stays as it is, and something else in the place of a new
    file is refused. Findings that the addition brings are printed, and make the exit code 1.
    """
