"""The questions of ``init``: what only an owner knows, and what was understood, to be corrected."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from gitopsmith import adopt, config
from gitopsmith.adopt import Understood, Wanted
from gitopsmith.argocd import is_version
from gitopsmith.finding import Failure
from gitopsmith.validate import kubernetes_versions

Answer = TypeVar("Answer")


def ask(understood: Understood, wanted: Wanted, given: set[str]) -> tuple[Understood, Wanted]:
    """Asks for what nobody has given; Enter takes what was understood."""
    click.echo("Enter takes what stands in brackets; - stands for none.", err=True)
    if "urls" not in given:
        known = ",".join(understood.urls)
        understood = _prompt(
            "URLs of this repository", known, lambda said: adopt.amended(understood, _listed(said), None)
        )
    if "environments" not in given:
        known = ",".join(f"{one.name}{'!' if one.protected else ''}" for one in understood.environments)
        text = "Environments in promotion order, with ! for protected ones"
        understood = _prompt(text, known, lambda said: adopt.amended(understood, None, _listed(said)))
    if "kubernetes" not in given:
        wanted = _prompt(
            "Kubernetes of the clusters", wanted.kubernetes, lambda said: wanted._replace(kubernetes=kubernetes(said))
        )
    if "ci" not in given:
        wanted = wanted._replace(
            ci=click.prompt("Whose checks to write", wanted.ci, type=click.Choice(adopt.HOSTS), err=True)
        )
    if "hook" not in given:
        wanted = wanted._replace(hook=click.confirm("Write the hook of pre-commit?", default=True, err=True))
    return understood, wanted


def _prompt(text: str, default: str, accept: Callable[[str], Answer]) -> Answer:
    """Asks until the answer works."""
    while True:
        try:
            return accept(click.prompt(text, default or "-", err=True))
        except Failure as error:
            click.echo(f"error: {error}", err=True)


def _listed(said: str) -> list[str]:
    return [item.strip() for item in said.split(",") if item.strip() not in {"", "-"}]


def kubernetes(version: str) -> str:
    """Returns a version of Kubernetes. Raises Failure where there are no schemas for it."""
    known = kubernetes_versions()
    if version not in known:
        raise Failure(f"no schemas for Kubernetes {version}; there are {known[0]} to {known[-1]}")
    return version


def argocd(version: str) -> str:
    """Returns a version of Argo CD. Raises Failure for what is none."""
    if not is_version(version):
        raise Failure(f"{version!r} is no version of Argo CD; write it as {config.ARGOCD}")
    return version
