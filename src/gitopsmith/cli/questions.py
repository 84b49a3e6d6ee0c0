"""The questions of ``new``: only those that matter, each asked again until its answer works."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import click

from gitopsmith import answers
from gitopsmith.answers import CHOICES, Values
from gitopsmith.finding import Route

_INTRODUCTION = """\
A few questions about the repository. Enter takes what stands in brackets, or nothing where nothing does;
`gitopsmith new --help` tells all answers, also those that are not asked for.
"""
_Read = Callable[[str], Any]


def ask(given: Values, remote: str) -> Values:
    """Returns the values with an answer to each question that had none; ``remote`` is offered as the URL.

    Raises Failure when what is given is wrong, before anything is asked.
    """
    answers.check(answers.complete(given), only=given)
    click.echo(_INTRODUCTION, err=True)
    values = _ask(given, "repo_url", "URL of the repository, as Argo CD reads it", str, remote or None)
    order = "Environments in promotion order, with ! for protected ones"
    values = _ask(values, "environments", order, _list_of(answers.environment), "dev,staging,prod!")
    values = _ask(values, "applications", "Applications", _list_of(answers.application), "web")
    values = _ask(values, "teams", "Teams that own them", _list_of(answers.team), _owners(values))
    for index, item in enumerate(values["applications"]):
        values = _ask_application(values, index, item)
    for name, text in _questions(values):
        values = _ask(values, name, text, str, getattr(answers.complete(values), name))
    return _ask_access(values)


def _list_of(read: _Read) -> _Read:
    return lambda text: [read(item) for item in answers.listed(text)]


def _owners(values: Values) -> str:
    return ",".join(team.name for team in answers.complete(values).teams)


def _questions(values: Values) -> Iterator[tuple[str, str]]:
    credentials = [word for word in CHOICES["credential"] if not _wrong(values | {"credential": word}, ("credential",))]
    if len(credentials) > 1:
        yield "credential", f"What opens the repository to Argo CD ({', '.join(credentials)})"
    yield "ci", f"Where checks run ({', '.join(CHOICES['ci'])})"
    yield "secrets", f"What brings secrets into the cluster ({', '.join(CHOICES['secrets'])})"
    yield "monitoring", f"What watches Argo CD ({', '.join(CHOICES['monitoring'])})"
    yield "argocd_host", "Host under which people reach Argo CD"


def _ask_access(values: Values) -> Values:
    """Asks who may log in, where there is a host to come back to."""
    if values["argocd_host"]:
        values = _ask(values, "oidc_issuer", "URL of the OpenID Connect issuer that people log in with", str, "")
    if values.get("oidc_issuer"):
        values = _ask(values, "admin_group", "Group whose people are admins of Argo CD", str, "")
    return values


def _ask_application(values: Values, index: int, item: Values) -> Values:
    """Asks whose an application is, and for its image, port and path where that is not the demonstration."""
    name, route = item["name"], ("applications", index)
    if len(answers.complete(values).teams) > 1 and not item.get("team"):
        values = _ask_field(values, (*route, "team"), f"Team that owns {name}", str, None)
    if "image" not in item:
        values = _ask_field(values, (*route, "image"), f"Image of {name} (else a demonstration)", str, "")
    if "image" not in values["applications"][index]:
        return values
    if "port" not in item:
        values = _ask_field(values, (*route, "port"), f"Port on which {name} answers", _number, "8080")
    if "path" not in item:
        values = _ask_field(values, (*route, "path"), f"Path that tells whether {name} is well", str, "")
    return values


def _number(text: str) -> int:
    if not text.isdecimal():
        raise click.UsageError("write a number")
    return int(text)


def _ask(values: Values, name: str, text: str, read: _Read, default: str | None) -> Values:
    """Asks for one answer unless it is given."""
    if name in values:
        return values
    return _prompt(lambda answer: values | {name: read(answer)}, (name,), text, default)


def _ask_field(values: Values, route: Route, text: str, read: _Read, default: str | None) -> Values:
    """Asks for one field of an application; an empty answer leaves it out."""
    _, index, field = route

    def put(answer: str) -> Values:
        items = list(values["applications"])
        if answer:
            items[int(index)] = items[int(index)] | {field: read(answer)}
        return values | {"applications": items}

    return _prompt(put, route, text, default)


def _prompt(put: Callable[[str], Values], route: Route, text: str, default: str | None) -> Values:
    """Asks until the answers below a route are right; says each time what is wrong with them."""

    def accept(answer: str) -> Values:
        values = put(answer.strip())
        wrong = _wrong(values, route)
        if wrong:
            raise click.UsageError("; ".join(wrong))
        return values

    found: Values = click.prompt(text, default=default, show_default=bool(default), value_proc=accept, err=True)
    return found


def _wrong(values: Values, route: Route) -> list[str]:
    """Returns what is wrong with the answers below a route."""
    complete = answers.complete(values)
    found = [problem for problem in answers.problems(complete) if problem.route[: len(route)] == route]
    return [f"{answers.title(complete, problem.route)} {problem.message}" for problem in found]
