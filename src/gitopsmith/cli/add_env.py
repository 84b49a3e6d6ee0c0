"""The command ``add env``."""

from __future__ import annotations

from pathlib import Path

import click

from gitopsmith.cli import added
from gitopsmith.generate import add


@click.command("env", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("name")
@click.option(
    "--cluster", default="", help="Its cluster, as Argo CD calls it; the one that Argo CD runs in by default."
)
@click.option("--before", default="", metavar="ENV", help="Put it in front of this one in the promotion order.")
@click.option(
    "--after", default="", metavar="ENV", help="Put it behind this one; before the first protected by default."
)
@click.option(
    "--protected", is_flag=True, help="Only on-call syncs by hand; applications are scaled and kept available."
)
@added.directory
def command(name: str, cluster: str, before: str, after: str, *, protected: bool, directory: Path) -> int:
    """Add an environment, with every application in it, in the version that the environment before it runs."""
    root = add.find_root(directory)
    changes = add.environment(root, name, cluster=cluster, before=before, after=after, protected=protected)
    return added.put(root, changes)
