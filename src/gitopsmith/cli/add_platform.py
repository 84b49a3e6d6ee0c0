"""The command ``add platform``."""

from __future__ import annotations

from pathlib import Path

import click

from gitopsmith.cli import added
from gitopsmith.generate import add


@click.command("platform", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("name")
@click.option("--chart", required=True, help="Name of the chart in its repository.")
@click.option("--version", required=True, metavar="X.Y.Z", help="One exact version of it.")
@click.option("--repo", required=True, metavar="URL", help="https:// of a chart repository, or oci:// of a registry.")
@click.option("--namespace", default="", help="Where it is installed; in one of its own name by default.")
@click.option(
    "--cluster", default="", help="Its cluster, as Argo CD calls it; the one that Argo CD runs in by default."
)
@added.directory
def command(name: str, chart: str, version: str, repo: str, namespace: str, cluster: str, directory: Path) -> int:
    """Add a Helm chart to a cluster, pinned, with its values in platform/NAME/values.yaml."""
    root = add.find_root(directory)
    source = add.Chart(chart, version, repo)
    return added.put(root, add.platform(root, name, source, namespace=namespace, cluster=cluster))
