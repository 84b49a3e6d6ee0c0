"""The command ``release``."""

from __future__ import annotations

import click

from gitopsmith.cli import proposing, wishing
from gitopsmith.cli.proposing import Choice
from gitopsmith.release import release


@click.command("release", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("app", metavar="APP")
@click.option("--image", "images", multiple=True, required=True, metavar="REF",
              help="NAME:TAG, NAME@DIGEST or NAME:TAG@DIGEST; may be repeated.")  # fmt: skip
@click.option("--env", "environment", default="", metavar="NAME", help="The environment; the first one by default.")
@click.option("--any-environment", "anywhere", is_flag=True, help="Take another environment than the first one.")
@proposing.choosing
def command(app: str, *, images: tuple[str, ...], environment: str, anywhere: bool, choice: Choice) -> int:
    """Bring a new version of APP into its first environment.

    The commit is made on the newest one of the remote's branch, without touching the work tree, and changes the line
    that says which image runs, where that stands. What it changes is rendered and linted first, and shown: nothing but
    APP in this environment may change. Without --push and --pr, it is asked for on a terminal, and only shown
    elsewhere. What runs already is left as it is, with exit code 0.
    """
    reader, upstream = proposing.opened(choice)

    return wishing.wished(
        reader, upstream, lambda base: release(reader, base, app, environment, images, anywhere=anywhere), choice
    )
