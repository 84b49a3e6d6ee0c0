"""A group that knows its commands by name, and imports one when it is needed."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class Lazy(click.Group):
    """Lists ``summaries``, a sentence by name; the command ``NAME`` is ``command`` in the module ``<modules>NAME``."""

    def __init__(self, *arguments: Any, summaries: Mapping[str, str], modules: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.summaries = summaries
        self.modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted(self.summaries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in self.summaries:
            return None
        command: click.Command = importlib.import_module(f"{self.modules}{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(sorted(self.summaries.items()))
