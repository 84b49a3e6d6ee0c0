"""The command ``add secret``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from gitopsmith import lint, report
from gitopsmith.finding import Severity
from gitopsmith.generate import secret
from gitopsmith.generate.secret import Certificate, Entry, Request, Sources
from gitopsmith.generate.secret.external import STORE_KINDS


@click.command("secret", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("name", default="", metavar="[NAME]")
@click.option("--app", default="", metavar="NAME", help="Application that reads the Secret.")
@click.option("--env", default="", metavar="NAME", help="Environment that it is for.")
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="KEY[=SOURCE]",
    help="A key of the Secret; its value is read from a variable, @FILE, - for stdin, or asked for. May be repeated.",
)
@click.option("--repository", is_flag=True, help="The credential that Argo CD reads this repository with.")
@click.option("--cert", default="", metavar="FILE", help="sealed-secrets: the certificate of the cluster.")
@click.option("--context", default="", metavar="NAME", help="sealed-secrets: kubectl context to fetch it by.")
@click.option("--store", default="", metavar="NAME", help="external-secrets: the store that holds the values.")
@click.option(
    "--store-kind",
    type=click.Choice(STORE_KINDS),
    default=STORE_KINDS[0],
    show_default=True,
    help="external-secrets: what the store is.",
)
@click.option("--remote-key", default="", metavar="KEY", help="external-secrets: the name of the entry in the store.")
@click.option("--whole", is_flag=True, help="external-secrets: the entry is one value, and has no properties.")
@click.option("--replace", is_flag=True, help="Put new values in the place of those that are there.")
@click.option(
    "--directory",
    default=".",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The repository; the current folder by default.",
)
def command(
    name: str,
    app: str,
    env: str,
    keys: tuple[str, ...],
    *,
    repository: bool,
    cert: str,
    context: str,
    store: str,
    store_kind: str,
    remote_key: str,
    whole: bool,
    replace: bool,
    directory: Path,
) -> int:
    """Add a Secret for an application, or the repository's credential, without plaintext.

    With sealed-secrets, values are sealed by kubeseal with the cluster's certificate: from a variable (KEY=VARIABLE), a
    file (KEY=@FILE), stdin (KEY=-) or the keyboard (KEY), never from the command line. With external-secrets, each key
    is a property of one entry in a store, and no value passes through here.

    With --repository, what is sealed comes from the variables that `gitopsmith bootstrap` reads.
    """
    root = secret.find_root(directory)
    certificate, entry = Certificate(cert, context), Entry(store, store_kind, remote_key, whole)
    if repository:
        if name or app or env or keys:
            raise click.UsageError(
                "--repository has its own name, place and keys; leave NAME, --app, --env and --key out"
            )
        changed = secret.add_repository(root, os.environ, certificate, entry, replace=replace)
    else:
        for word, value in (("NAME", name), ("--app", app), ("--env", env), ("--key", keys)):
            if not value:
                raise click.UsageError(f"{word} is missing")
        request = Request(name, app, env, keys, certificate, entry, replace)
        changed = secret.add(root, request, Sources(os.environ, sys.stdin.buffer.read, _asker()))
    for path in changed:
        click.echo(f"wrote {path}")
    if not changed:
        click.echo("nothing to do: it is all there")
    return _lint(root, changed)


def _asker() -> Callable[[str], str] | None:
    return _ask if sys.stdin.isatty() else None


def _ask(key: str) -> str:
    return str(click.prompt(f"Value of {key}", hide_input=True, confirmation_prompt=True, err=True))


def _lint(root: Path, changed: tuple[str, ...]) -> int:
    found = lint.lint(lint.Options(paths=tuple(root / path for path in changed) or (root,)))
    if found.findings:
        click.echo(report.FORMATS["text"](found, report.Options(color=False, quiet=True, verbose=False)), nl=False)
    return lint.status(found, Severity.ERROR)
