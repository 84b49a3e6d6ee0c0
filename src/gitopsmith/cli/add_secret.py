"""The command ``add secret``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from gitopsmith.cli import added
from gitopsmith.generate import add, secret
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
@added.directory
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
    root = add.find_root(directory)
    certificate, entry = Certificate(cert, context), Entry(store, store_kind, remote_key, whole)
    if repository:
        if name or app or env or keys:
            raise click.UsageError("--repository has its own name, place and keys; leave NAME, --app, --env, --key out")
        return added.put(root, secret.repository(root, os.environ, certificate, entry, replace=replace))
    for word, value in (("NAME", name), ("--app", app), ("--env", env), ("--key", keys)):
        if not value:
            raise click.UsageError(f"{word} is missing")
    request = Request(name, app, env, keys, certificate, entry, replace)
    sources = Sources(os.environ, sys.stdin.buffer.read, _asker())
    return added.put(root, secret.application(root, request, sources))


def _asker() -> Callable[[str], str] | None:
    return _ask if sys.stdin.isatty() else None


def _ask(key: str) -> str:
    return str(click.prompt(f"Value of {key}", hide_input=True, confirmation_prompt=True, err=True))
