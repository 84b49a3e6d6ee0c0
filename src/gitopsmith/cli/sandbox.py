"""The command group ``sandbox``."""

from __future__ import annotations

import json
import os

import click

from gitopsmith import sandbox
from gitopsmith.finding import Failure
from gitopsmith.sandbox import report

_NAME = click.option(
    "--name", default=sandbox.DEFAULT, show_default=True, help="Which sandbox; several run side by side."
)
_HELP = {"help_option_names": ["-h", "--help"]}


@click.group("sandbox", context_settings=_HELP)
def command() -> None:
    """Try a repository on a real Argo CD, on this machine, without containers.

    Kubernetes' control plane and Argo CD run as plain processes on loopback; pods only pretend to run, and are ready at
    once. It is built once, which takes some ten minutes and needs Go, and starts in seconds. Linux only.

    Argo CD's processes take the settings of their Deployments, and so what argocd-cmd-params-cm says, when they start:
    a change after that needs `down` and `up`, as pods would need a restart. The metrics of the application controller
    are the one port that is open on every interface, for Argo CD has no setting for it.
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
    folder = sandbox.folder_of(name)
    was_running = sandbox.is_running(sandbox.read(folder), folder)
    found = sandbox.up(name, _tell)
    option = "" if name == sandbox.DEFAULT else f" --name {name}"
    click.echo("it runs already" if was_running else f"ready in {found.seconds[sandbox.CLUSTER]:.1f} s")
    click.echo(f'  eval "$(gitopsmith sandbox env{option})"   # for kubectl, argocd and git in this shell')
    click.echo(
        "  gitopsmith bootstrap                  # in your repository: installs Argo CD, and waits for all of it"
    )
    click.echo(f"  gitopsmith sandbox status{option}             # processes, ports, logs")
    click.echo(f"Argo CD will be at http://127.0.0.1:{found.ports['server']}, git is at", nl=False)
    click.echo(f" https://127.0.0.1:{found.ports['git']}/public/NAME.git")
    return 0


@command.command("env", context_settings=_HELP)
@_NAME
def env(name: str) -> int:
    """Print what a shell evaluates to work with a sandbox: eval "$(gitopsmith sandbox env)".

    kubectl has its cluster, argocd has a session once Argo CD runs, and git has the login of its git host.
    """
    folder = sandbox.folder_of(name)
    found = sandbox.read(folder)
    if not sandbox.is_running(found, folder):
        raise Failure(f"sandbox {name} does not run; start it by `gitopsmith sandbox up --name {name}`", status=1)
    click.echo("\n".join(report.exports(folder, found, os.environ.get("GIT_SSL_CAINFO", ""))))
    return 0


@command.command("status", context_settings=_HELP)
@click.option("--name", help="Only this sandbox.  [default: all]")
@click.option(
    "--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True, help="How to write."
)
def status(name: str | None, form: str) -> int:
    """Tell which sandboxes there are, what runs in them, what that costs, and where the logs are.

    Memory is in MiB: what several processes share, as the one program that they are, is divided among them.
    """
    wanted = [each for each in sandbox.names() if name in {None, each}]
    if name is not None and not wanted:
        raise Failure(f"there is no sandbox {name}; `gitopsmith sandbox up --name {name}` starts one", status=1)
    folders = {each: sandbox.folder_of(each) for each in wanted}
    described = {each: report.describe(folder, sandbox.read(folder)) for each, folder in folders.items()}
    if form == "json":
        click.echo(json.dumps(described, indent=2))
        return 0
    if not described:
        click.echo("no sandbox is here; `gitopsmith sandbox up` starts one")
    for each, found in described.items():
        click.echo("\n".join(report.lines(each, found)))
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
    click.echo("removed" if sandbox.reset(name) else "it was not there")
    return 0


def _tell(line: str) -> None:
    click.echo(line, err=True)
