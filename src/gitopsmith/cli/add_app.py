"""The command ``add app``."""

from __future__ import annotations

from pathlib import Path

import click

from gitopsmith.cli import added
from gitopsmith.generate import add


@click.command("app", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("name")
@click.option("--team", default="", metavar="NAME[=GROUP]", help="Who owns it; with a group, a team that is new.")
@click.option("--image", default=None, help="Its image with a version or a digest; without one, a demonstration.")
@click.option("--port", default=None, type=int, help="Where the image listens; 8080 for one that is given.")
@click.option("--path", default=None, help="What the HTTP probes ask for; without one, a connection is enough.")
@click.option("--env", "environments", multiple=True, help="Only in this environment; may be repeated.")
@added.directory
def command(
    name: str,
    team: str,
    image: str | None,
    port: int | None,
    path: str | None,
    environments: tuple[str, ...],
    directory: Path,
) -> int:
    """Add an application, in all environments or in some."""
    root = add.find_root(directory)
    fields = {"image": image, "port": port, "path": path}
    given = {field: value for field, value in fields.items() if value is not None}
    return added.put(root, add.application(root, name, fields=given, team=team, environments=environments))
