"""Whether answers make a repository that works: each by itself, and all together."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from typing import NamedTuple

from gitopsmith.answers import images, names, urls, values
from gitopsmith.answers.model import CHOICES, Answers
from gitopsmith.answers.text import nearest
from gitopsmith.finding import Failure, Route

_TESTED = {(3, 4): (32, 35), (3, 5): (33, 36), (3, 6): (34, 37)}
_LARGEST_SCALE = 10_000
_NO_GITHUB = ("gitlab", "bitbucket", "dev.azure", "visualstudio", "codeberg", "gitea", "forgejo")


class Problem(NamedTuple):
    """What is wrong with an answer. ``route`` leads to it: ``("applications", 0, "image")``."""

    route: Route
    message: str


def check(answers: Answers, only: Container[str] | None = None) -> Answers:
    """Returns the answers as they are; raises Failure that names every one that is wrong, and what would be right.

    ``only`` names the answers to look at, all others being still to come.
    """
    found = [problem for problem in problems(answers) if only is None or str(problem.route[0]) in only]
    if found:
        raise Failure("\n".join(f"answer {title(answers, problem.route)!r}: {problem.message}" for problem in found))
    return answers


def title(answers: Answers, route: Route) -> str:
    """Writes the way to an answer for people: ``applications[web].image``."""
    if len(route) < 2 or not isinstance(route[1], int):
        return str(route[0])
    items = getattr(answers, str(route[0]))
    item = items[route[1]].name if route[1] < len(items) else ""
    return f"{route[0]}[{item or route[1]}]" + "".join(f".{step}" for step in route[2:])


def problems(answers: Answers) -> tuple[Problem, ...]:
    """Returns what is wrong, at most one thing about each answer."""
    found: dict[Route, Problem] = {}
    for part in (_alone(answers), _items(answers), names.problems(answers), _together(answers)):
        for route, message in part:
            found.setdefault(route, Problem(route, message))
    return tuple(found.values())


def notes(answers: Answers) -> tuple[str, ...]:
    """Returns what works, and that its owner should know nevertheless."""
    minor = values.numbers(answers.kubernetes_version)[1]
    tested = untested(answers, minor)
    return (f"{tested}, not with {answers.kubernetes_version}",) if tested else ()


def untested(answers: Answers, minor: int) -> str:
    """Returns which Kubernetes the Argo CD is tested with, empty where a minor is among them, or nothing is known.

    Source: ``docs/operator-manual/tested-kubernetes-versions.md`` of Argo CD.
    """
    major_minor = values.numbers(answers.argocd_version)[:2]
    oldest, newest = _TESTED.get((major_minor[0], major_minor[1]), (minor, minor))
    series = ".".join(map(str, major_minor))
    return "" if oldest <= minor <= newest else f"Argo CD {series} is tested with Kubernetes 1.{oldest} to 1.{newest}"


def _alone(answers: Answers) -> Iterator[tuple[Route, str]]:
    for answer, choices in CHOICES.items():
        given = getattr(answers, answer)
        if given not in choices:  # what was given is not repeated: it may be a token where `token` was meant
            listed = f"{', '.join(choices[:-1])} or {choices[-1]}"
            yield (answer,), f"takes only {listed}; {nearest(given, choices) or f'write {choices[0]}'}"
    for answer, test in _TESTS.items():
        message = test(getattr(answers, answer))
        if message:
            yield (answer,), message
    for answer, test in _OPTIONAL.items():
        given = getattr(answers, answer)
        message = test(given) if given else ""
        if message:
            yield (answer,), message
    if not 1 <= answers.scale <= _LARGEST_SCALE:
        yield ("scale",), f"{answers.scale} is no number of applications; write one from 1 to {_LARGEST_SCALE}"


def _items(answers: Answers) -> Iterator[tuple[Route, str]]:
    for answer in ("environments", "applications", "teams"):
        if not getattr(answers, answer):
            yield (answer,), f"is empty; name at least one, such as {_EXAMPLES[answer]}"
    for index, team in enumerate(answers.teams):
        message = values.group(team.group) if team.group else ""
        if message:
            yield ("teams", index, "group"), message
    teams = [team.name for team in answers.teams]
    for index, application in enumerate(answers.applications):
        tests = {
            "team": _team(application.team, teams),
            "image": images.problem(application.image),
            "port": values.port(application.port, application.image),
            "path": values.path(application.path) if application.path else "",
        }
        yield from ((("applications", index, key), message) for key, message in tests.items() if message)


def _together(answers: Answers) -> Iterator[tuple[Route, str]]:
    kind, host = urls.scheme(answers.repo_url), urls.host(answers.repo_url)
    message = _credential(answers.credential, kind, host) if kind else ""
    if message:
        yield ("credential",), message
    for answer, reason in _NEED_HOST.items():
        if getattr(answers, answer) and not answers.argocd_host:
            yield ("argocd_host",), f"is missing, and {answer} needs it; write the host {reason}"
    if answers.gateway and answers.ingress_class:
        yield ("ingress_class",), "is for an Ingress, and gateway makes an HTTPRoute instead; leave one of both out"
    if answers.oidc_issuer and not answers.admin_group:
        yield (
            ("admin_group",),
            "is missing, and with oidc_issuer nobody else can be admin; write a group that has people",
        )


def _credential(credential: str, kind: str, host: str) -> str:
    if kind == "file":
        return "" if credential == "none" else "opens no file:// repository; write none"
    if kind == "ssh":
        return (
            "" if credential == "deploy-key" else "opens no repository over ssh; write deploy-key, or an https repo_url"
        )
    if credential == "deploy-key":
        return "opens no repository over https; write token, or an ssh repo_url"
    if credential == "github-app" and any(other in host for other in _NO_GITHUB):
        return f"is an app of GitHub, which opens nothing on {host}; write token"
    return ""


def _team(team: str, known: list[str]) -> str:
    if not known or team in known:
        return ""
    better = f"write one of {', '.join(known)}"
    if not team:
        return f"is missing, and there are several teams; {better}"
    return f"{team!r} is not among the teams; {nearest(team, known) or better}"


_EXAMPLES = {"environments": "dev", "applications": "web", "teams": "apps"}
_TESTS: dict[str, Callable[[str], str]] = {
    "repo_url": urls.repository,
    "branch": values.branch,
    "argocd_version": values.argocd,
    "kubernetes_version": values.kubernetes,
    "prometheus_release": values.release,
    "tool_source": urls.tool_source,
}
_NEED_HOST = {
    "oidc_issuer": "that people come back to from it",
    "gateway": "that it serves",
    "ingress_class": "that the Ingress serves",
}
_OPTIONAL: dict[str, Callable[[str], str]] = {
    "argocd_host": urls.host_name,
    "gateway": names.gateway,
    "ingress_class": names.label,
    "oidc_issuer": urls.issuer,
    "admin_group": values.group,
    "on_call_group": values.group,
    "slack_channel": values.channel,
}
