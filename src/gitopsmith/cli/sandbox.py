"""The command group ``sandbox``."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from gitopsmith import sandbox

_NAME = click.option(
    "--name", default=sandbox.DEFAULT, show_default=True, help="Which sandbox; several run side by side."
)
_HELP = {"help_option_names": ["-h", "--help"]}


@click.group("sandbox", context_settings=_HELP)
def command() -> None:
    """Try a repository on a real Argo CD, on this machine, without containers.

    Kubernetes' control plane and Argo CD run as plain processes on loopback; pods only pretend to run, and are ready at
    once. It is built once, which takes some ten minutes and needs Go, and starts in seconds. Linux only.
    """


@command.command("build", context_settings=_HELP)
def build() -> int:
    """Build the programs, unless they are there already."""
    built = sandbox.build(_tell)
    click.echo(f"built: {built.folder}")
    return 0


@command.command("up", context_settings=_HELP)
@_NAME
def up(name: str) -> int:
    """Start an empty cluster, with Argo CD's processes waiting to be installed by `gitopsmith bootstrap`."""
    found = sandbox.up(name, _tell)
    folder = sandbox.folder_of(name)
    click.echo(f"ready in {max(found.seconds.values()):.1f} s; logs are in {folder / 'logs'}")
    click.echo(f"  export KUBECONFIG={folder / 'kubeconfig'}")
    click.echo("  gitopsmith bootstrap      # in your repository")
    click.echo(f"  Argo CD will be at http://127.0.0.1:{found.ports['server']}")
    return 0


@command.command("status", context_settings=_HELP)
@click.option(
    "--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True, help="How to write."
)
def status(form: str) -> int:
    """Tell which sandboxes there are, and what runs in them."""
    states = {name: sandbox.read(sandbox.folder_of(name)) for name in sandbox.names()}
    if form == "json":
        click.echo(json.dumps({name: asdict(found) for name, found in states.items()}, indent=2))
        return 0
    if not states:
        click.echo("no sandbox is here; `gitopsmith sandbox up` starts one")
    for name, found in states.items():
        folder = sandbox.folder_of(name)
        running = sandbox.is_running(found, folder)
        parts = f"{len(found.processes)} processes" if running else (found.failure or "not running")
        click.echo(f"{name}: {parts}; KUBECONFIG={folder / 'kubeconfig'}")
    return 0


@command.command("down", context_settings=_HELP)
@_NAME
def down(name: str) -> int:
    """End a sandbox; its logs stay until it is started again."""
    click.echo("ended" if sandbox.down(name) else "it was not running")
    return 0


@command.command("reset", context_settings=_HELP)
@_NAME
def reset(name: str) -> int:
    """End a sandbox, and remove everything of it."""
    sandbox.reset(name)
    click.echo("removed")
    return 0


def _tell(line: str) -> None:
    click.echo(line, err=True)
