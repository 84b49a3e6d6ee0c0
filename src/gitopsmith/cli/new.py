"""The command ``new``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from gitopsmith import answers, generate, git
from gitopsmith.answers import CHOICES, Answers, Values
from gitopsmith.cli import questions
from gitopsmith.finding import Failure

_FLAGS: tuple[tuple[str, str, str], ...] = (
    ("repo-url", "URL", "Repository that Argo CD reads; else the remote of the clone in DIRECTORY."),
    ("branch", "NAME", "Branch that Argo CD follows; else main."),
    ("credential", "", "What opens the repository to Argo CD; else a deploy key for ssh, and none for the rest."),
    ("environments", "LIST", "NAME[@CLUSTER][!],... in promotion order, ! for protected; else dev,staging,prod!."),
    ("protected", "LIST", "Environments of production, where only on-call may sync; else the last one."),
    ("app", "NAME[=IMAGE]", "An application, may be repeated; else web. Without IMAGE, it is a demonstration."),
    ("app-team", "NAME=TEAM", "Team that owns an application; needed where there are several."),
    ("app-port", "NAME=PORT", "Port on which an application answers; else 8080."),
    ("app-path", "NAME=PATH", "Path that its probes ask for; else they only connect."),
    ("team", "NAME[=GROUP]", "A team and its group at the identity provider, may be repeated; else apps."),
    ("argocd-version", "X.Y.Z", f"Argo CD to install; else {Answers('').argocd_version}."),
    ("kubernetes-version", "1.X", f"Kubernetes of the clusters; else {Answers('').kubernetes_version}."),
    ("secrets", "", "What brings secrets into the cluster; else none."),
    ("monitoring", "", "What watches Argo CD; else none."),
    ("prometheus-release", "NAME", f"Label release that Prometheus selects by; else {Answers('').prometheus_release}."),
    ("argocd-host", "HOST", "Host under which people and webhooks reach Argo CD; else it only polls."),
    ("gateway", "NAMESPACE/NAME", "Gateway that serves that host; else an Ingress does."),
    ("ingress-class", "CLASS", "Class of that Ingress; else the cluster's default."),
    ("oidc-issuer", "URL", "OpenID Connect issuer that people log in with; else the admin's password stays."),
    ("admin-group", "GROUP", "Group whose people are admins of Argo CD."),
    ("on-call-group", "GROUP", "Group whose people may sync protected environments."),
    ("slack-channel", "CHANNEL", "Slack channel that hears of failures; else none."),
    ("ci", "", "Where checks run; else by the repository's host."),
    ("scale", "NUMBER", f"Applications that are expected; else {Answers('').scale}."),
    ("tool-source", "SOURCE", "Where hooks and CI get gitopsmith, for pip; else this version from the index."),
)
_REPEATED = frozenset({"protected", "app", "app-team", "app-port", "app-path", "team"})


def _flags(command: Callable[..., Any]) -> Callable[..., Any]:
    for name, metavar, text in reversed(_FLAGS):
        shown = metavar or "|".join(CHOICES[name])
        kind = click.INT if name == "scale" else click.STRING
        command = click.option(f"--{name}", type=kind, metavar=shown, multiple=name in _REPEATED, help=text)(command)
    return command


@click.command("new", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("directory", default=".", type=click.Path(path_type=Path))
@click.option("--answers", "file", type=click.Path(path_type=Path), metavar="FILE", help="Answers to start from.")
@click.option("-y", "--yes", is_flag=True, help="Ask nothing; take the default for what is not given.")
@_flags
@click.option("--prune-confirm/--no-prune-confirm", default=None, help="Let removals in production wait for a person.")
@click.option(
    "--argocd-install",
    "install",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Argo CD's install.yaml, instead of downloading it.",
)
@click.option("--fetch/--no-fetch", default=True, help="Download install.yaml; else builds name its pinned URL.")
def command(directory: Path, file: Path | None, install: Path | None, *, yes: bool, fetch: bool, **given: Any) -> None:
    """Make a repository that Argo CD deploys from, with its checks, in DIRECTORY.

    DIRECTORY is new, empty, or a fresh clone; it is the current folder when none is named. On a terminal, what matters
    and is not given is asked for. Flags win over --answers. All of it is kept in .gitopsmith/answers.yaml, which
    --answers takes as well.
    """
    generate.refuse_unless_empty(directory)
    remote = _remote(directory)
    if file is not None:
        made_from = answers.read(file, lambda values: _over(values, given, remote))
    elif yes or sys.stdin is None or not sys.stdin.isatty():
        made_from = answers.complete(_over({}, given, remote))
    else:
        made_from = answers.complete(questions.ask(_over({}, given, ""), remote))
    made = generate.new(answers.check(made_from), directory, argocd_install=install, fetch=fetch)
    for note in (*answers.notes(made_from), *made.notes):
        click.echo(f"note: {note}", err=True)
    click.echo(f"made {len(made.files)} files in {directory}; what to do next:")
    for step in filter(None, made.next_steps):
        click.echo(f"  {step}")


def _remote(directory: Path) -> str:
    """Returns the URL of a clone's remote as Argo CD reads it, empty where there is no clone or no such URL."""
    top = git.toplevel(directory) if directory.is_dir() else None
    if top is None or top.resolve() != directory.resolve():
        return ""
    return answers.usable(git.origin(directory))


def _over(values: Values, given: dict[str, Any], remote: str) -> Values:
    """Returns values with what the flags say over them; the remote counts where nobody names the repository."""
    parts = {name: given[name] for name in ("protected", "app", "app_team", "app_port", "app_path", "team")}
    changes = {name: value for name, value in given.items() if name not in parts and value is not None}
    if "environments" in changes:
        changes["environments"] = [answers.environment(item) for item in _each([changes["environments"]])]
    if parts["app"]:
        changes["applications"] = [answers.application(item) for item in _each(parts["app"])]
    if parts["team"]:
        changes["teams"] = [answers.team(item) for item in _each(parts["team"])]
    fields = {name: _fields(f"app-{name}", parts[f"app_{name}"]) for name in ("team", "port", "path")}
    under = {"repo_url": remote} if remote else {}
    protected = _each(parts["protected"]) if parts["protected"] else None
    return answers.amend(under | values, changes, protected=protected, fields=fields)


def _each(given: Iterable[str]) -> list[str]:
    return [item for part in given for item in answers.listed(part)]


def _fields(flag: str, given: Iterable[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in given:
        name, equals, value = item.partition("=")
        if not equals or (flag == "app-port" and not value.isdecimal()):
            example = {"app-team": "web=apps", "app-port": "web=8080", "app-path": "web=/healthz"}[flag]
            raise Failure(f"answer {flag!r}: {item!r} does not say of what; write NAME=VALUE, such as {example}")
        found[name] = int(value) if flag == "app-port" else value
    return found
