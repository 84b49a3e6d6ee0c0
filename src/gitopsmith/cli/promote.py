"""The command ``promote``."""

from __future__ import annotations

import click

from gitopsmith.cli import planned, proposing, wishing
from gitopsmith.cli.output import show
from gitopsmith.cli.proposing import Choice
from gitopsmith.landing import newest
from gitopsmith.release import plan, promotion


@click.command("promote", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("app", default="", metavar="[APP]")
@click.option("--from", "source", default="", metavar="ENV", help="Whose version; the environment before by default.")
@click.option("--to", "target", default="", metavar="ENV", help="Where to; the environment after --from by default.")
@click.option("--skip", is_flag=True, help="Leave out environments that lie between.")
@click.option("--plan", "planning", is_flag=True, help="Show what is where, and what promotions would bring.")
@proposing.choosing
def command(app: str, *, source: str, target: str, skip: bool, planning: bool, choice: Choice) -> int:
    """Bring the version that APP has in one environment to the next one, in the order of the configuration.

    That is the name, tag and digest of every image, and the files that `promote` lists in .gitopsmith.yaml; nothing
    else of an environment is copied. The commit is made on the newest one of the remote's branch, without touching the
    work tree. What it changes is rendered and linted first, and shown: nothing but APP here may change.
    Without --push and --pr, it is asked for on a terminal, and only shown elsewhere. What is there already is left as
    it is, with exit code 0. --plan shows all applications, or APP alone.
    """
    reader, upstream = proposing.opened(choice)
    if planning:
        stations = plan(reader, newest(reader.root, upstream))
        chosen = [one for one in stations if app in {"", one.app}]
        show(planned.document(chosen) if choice.form == "json" else planned.table(chosen))
        return 0
    if not app:
        raise click.UsageError("name an application, or ask with --plan what there is")
    return wishing.wished(
        reader, upstream, lambda base: promotion(reader, base, app, source, target, skip=skip), choice
    )
