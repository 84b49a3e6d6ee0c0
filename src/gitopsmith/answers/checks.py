"""Whether answers make a repository that works: each by itself, and all together."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from typing import NamedTuple

from gitopsmith import content
from gitopsmith.answers import images, names, urls
from gitopsmith.answers.model import CHOICES, DEMO_IMAGE, DEMO_PORT, Answers
from gitopsmith.answers.text import is_plain, nearest
from gitopsmith.finding import Failure, Route

OLDEST = (3, 4, 0)
"""The oldest Argo CD that still gets patches; what templates use came earlier (``retry.refresh`` with 3.2, a name in
``clusterResourceWhitelist`` with 3.3), but for the parameters of metrics, which they leave out below 3.6."""
TESTED = {(3, 4): (32, 35), (3, 5): (33, 36), (3, 6): (34, 37)}
"""Which minors of Kubernetes 1 a minor of Argo CD is tested with, by its page "Tested versions"."""
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
    argocd, kubernetes = _numbers(answers.argocd_version), _numbers(answers.kubernetes_version)
    oldest, newest = TESTED.get((argocd[0], argocd[1]), (0, 0))
    if not newest or oldest <= kubernetes[1] <= newest:
        return ()
    series = f"Argo CD {argocd[0]}.{argocd[1]}"
    return (f"{series} is tested with Kubernetes 1.{oldest} to 1.{newest}, not with {answers.kubernetes_version}",)


def _alone(answers: Answers) -> Iterator[tuple[Route, str]]:
    for answer, choices in CHOICES.items():
        given = getattr(answers, answer)
        if given not in choices:  # what was given is not repeated: it may be a token where `token` was meant
            yield (answer,), f"is none of {', '.join(choices)}; {nearest(given, choices) or f'write {choices[0]}'}"
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
        message = _group(team.group) if team.group else ""
        if message:
            yield ("teams", index, "group"), message
    teams = [team.name for team in answers.teams]
    for index, application in enumerate(answers.applications):
        tests = {
            "team": _team(application.team, teams),
            "image": images.problem(application.image),
            "port": _port(application.port, application.image),
            "path": _path(application.path) if application.path else "",
        }
        yield from ((("applications", index, key), message) for key, message in tests.items() if message)


def _together(answers: Answers) -> Iterator[tuple[Route, str]]:
    kind, host = urls.scheme(answers.repo_url), urls.host(answers.repo_url)
    message = _credential(answers.credential, kind, host) if kind else ""
    if message:
        yield ("credential",), message
    if answers.oidc_issuer and not answers.argocd_host:
        yield ("argocd_host",), "is missing, and oidc_issuer needs it; write the host that people come back to from it"
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


def _port(port: int, image: str) -> str:
    if not 1 <= port <= 65535:
        return f"{port} is no port; write one from 1 to 65535"
    if image == DEMO_IMAGE and port != DEMO_PORT:
        return f"the demonstration's image answers on {DEMO_PORT} only; write the image that answers on {port}"
    return ""


def _path(path: str) -> str:
    if not path.startswith("/"):
        return "does not start at the root of the server; write it with a / first, such as /healthz"
    if not re.fullmatch(r"[A-Za-z0-9._~%!$&()*+,;=:@?/-]+", path) or not is_plain(path):
        return "is no path that a probe can ask for; write one without spaces and quotes, such as /healthz"
    return ""


def _branch(branch: str) -> str:
    parts = branch.split("/")
    bad = not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._/+@-]*", branch) or ".." in branch or "@{" in branch
    if bad or branch == "HEAD" or any(not part or part[0] == "." or part.endswith((".", ".lock")) for part in parts):
        return f"{branch!r} is no name of a branch; write one such as main or release/platform"
    return "" if is_plain(branch) else f"{branch!r} is not text to YAML; write a name with letters, such as main"


def _argocd(version: str) -> str:
    if not re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", version):
        better = re.match(r"v?([0-9]+\.[0-9]+)(\.[0-9]+)?", version)
        example = better[1] + (better[2] or ".1") if better else "3.6.1"
        return f"{version!r} is no release of Argo CD; write all three numbers and no more, such as {example}"
    if _numbers(version) < OLDEST:
        return f"Argo CD {version} gets no patches any more; write {'.'.join(map(str, OLDEST))} or newer"
    return "" if _numbers(version)[0] == 3 else f"there is no Argo CD {version}; write a release of 3, such as 3.6.1"


def _kubernetes(version: str) -> str:
    minors = sorted(int(path.stem.split(".")[1]) for path in (content.SCHEMAS / "kubernetes").glob("1.*.zlib"))
    if re.fullmatch(r"v?1\.[0-9]+\.[0-9]+.*", version):
        return f"{version!r} is a patch release; write the minor alone, {'.'.join(version.lstrip('v').split('.')[:2])}"
    found = re.fullmatch(r"1\.([1-9][0-9]*)", version)
    if not found or int(found[1]) not in minors:
        return f"Kubernetes {version!r} is not known; write one from 1.{minors[0]} to 1.{minors[-1]}"
    return ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _group(group: str) -> str:
    if re.search(r"""[,"'`\\{}]""", group) or not is_plain(group):
        return (
            "does not stand for itself in Argo CD's policy; write a group without commas, quotes and ': ', not a number"
        )
    return ""


def _channel(channel: str) -> str:
    if channel.startswith("#") and not _channel(channel[1:]):
        return f"{channel!r} starts with a mark that is not part of the name; write {channel[1:]}"
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,79}|[CG][A-Z0-9]{8,}", channel) or not is_plain(channel):
        return "is no channel in Slack; write its name, such as platform-alerts, or its id"
    return ""


def _release(release: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?", release) or not is_plain(release):
        return "is no value of a label; write what serviceMonitorSelector asks for, such as kube-prometheus-stack"
    return ""


_EXAMPLES = {"environments": "dev", "applications": "web", "teams": "apps"}
_TESTS: dict[str, Callable[[str], str]] = {
    "repo_url": urls.repository,
    "branch": _branch,
    "argocd_version": _argocd,
    "kubernetes_version": _kubernetes,
    "prometheus_release": _release,
    "tool_source": urls.tool_source,
}
_OPTIONAL: dict[str, Callable[[str], str]] = {
    "argocd_host": urls.host_name,
    "oidc_issuer": urls.issuer,
    "admin_group": _group,
    "on_call_group": _group,
    "slack_channel": _channel,
}
