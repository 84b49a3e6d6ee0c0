"""The command ``vendor``."""

from __future__ import annotations

from pathlib import Path

import click

from gitopsmith import generate


@click.command("vendor", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("what", type=click.Choice(("argocd",)))
@click.argument("directory", type=click.Path(path_type=Path), default=".")
@click.option("--version", metavar="X.Y.Z", default="", help="Version to bring in; the repository's own by default.")
@click.option(
    "--from",
    "manifest",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE",
    help="Read install.yaml from a file instead of downloading it.",
)
def command(what: str, directory: Path, version: str, manifest: Path | None) -> int:
    """Bring a remote source into the repository, so that a build needs no network.

    "argocd" is Argo CD's installation: pinned, checked against its recorded sha256, and written to
    bootstrap/argocd/install.yaml. With another --version it is the upgrade: commit it, and Argo CD deploys itself.
    """
    del what
    done = generate.vendor(directory, version=version, manifest=manifest)
    for note in done.notes:
        click.echo(f"note: {note}", err=True)
    for path in done.files:
        click.echo(f"wrote {path}")
    if not done.files:
        click.echo("nothing to do: this version is here already")
    return 0
