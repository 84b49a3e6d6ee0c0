"""Short forms of answers, and the answers that follow from others when nobody gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gitopsmith.answers import urls
from gitopsmith.answers.model import (
    DEMO_IMAGE,
    DEMO_PATH,
    DEMO_PORT,
    PORT,
    Answers,
    Application,
    Environment,
    Team,
)
from gitopsmith.answers.text import nearest
from gitopsmith.finding import Failure

Values = dict[str, Any]
"""Answers by name, as far as they are given; environments, applications and teams are lists of maps."""


def listed(text: str) -> list[str]:
    """Cuts a list at its commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def environment(text: str) -> Values:
    """Reads ``NAME[@CLUSTER][!]``; the mark stands for protected."""
    name, at, cluster = text.removesuffix("!").partition("@")
    protected = {"protected": True} if text.endswith("!") else {}
    return {"name": name, **({"cluster": cluster} if at else {}), **protected}


def application(text: str) -> Values:
    """Reads ``NAME[=IMAGE]``."""
    name, given, image = text.partition("=")
    return {"name": name, **({"image": image} if given else {})}


def team(text: str) -> Values:
    """Reads ``NAME[=GROUP]``."""
    name, given, group = text.partition("=")
    return {"name": name, **({"group": group} if given else {})}


SHORT: dict[str, Callable[[str], Values]] = {
    "environments": environment,
    "applications": application,
    "teams": team,
}
"""Who reads the short form of each answer that is a list."""


def complete(values: Values) -> Answers:
    """Returns all answers: those given, and for the others what follows from these, or the default.

    - ``ci`` is that of GitLab where the repository's host is called so; ``credential`` is a deploy key for ssh;
    - the last environment is protected where none is said to be, or not to be;
    - teams are those that own applications; a lone team owns the applications that name none;
    - without an image, an application is the demonstration, with its port and path.
    """
    simple = {name: value for name, value in values.items() if name not in SHORT}
    url = simple.setdefault("repo_url", "")
    simple.setdefault("ci", "gitlab" if urls.is_gitlab(url) else "github")
    simple.setdefault("credential", "deploy-key" if urls.scheme(url) == "ssh" else "none")
    if "environments" in values:
        simple["environments"] = _environments(values["environments"])
    applications = values.get("applications", [{"name": "web"}])
    simple["teams"] = _teams(values, applications)
    owners = [owner.name for owner in simple["teams"]]
    owner = owners[0] if len(owners) == 1 or (owners and "applications" not in values) else ""
    simple["applications"] = tuple(_application({"team": owner} | item) for item in applications)
    return Answers(**simple)


def amend(
    values: Values,
    changes: Values,
    *,
    protected: Iterable[str] | None = None,
    fields: Mapping[str, Mapping[str, Any]] | None = None,
) -> Values:
    """Returns the values with others over them, and single fields of environments and applications set.

    ``protected`` names all environments that are; ``fields`` maps a field of applications to its value by application.
    Raises Failure that names an environment or application that is not there.
    """
    changed = values | changes
    if protected is not None:
        names = set(protected)
        items = changed.get("environments", [_given(item) for item in Answers("").environments])
        _known("protected", names, items)
        changed["environments"] = [item | {"protected": item["name"] in names} for item in items]
    for field, by_name in (fields or {}).items():
        if not by_name:
            continue
        items = changed.get("applications", [{"name": "web"}])
        _known(f"app-{field}", by_name, items)
        changed["applications"] = [
            item | ({field: by_name[item["name"]]} if item["name"] in by_name else {}) for item in items
        ]
    return changed


def _known(flag: str, names: Iterable[str], items: list[Values]) -> None:
    known = [item["name"] for item in items]
    for name in names:
        if name not in known:
            better = nearest(name, known) or f"write one of {', '.join(known)}"
            raise Failure(f"answer {flag!r}: {name!r} is not there; {better}")


def _given(item: Environment) -> Values:
    return {"name": item.name, "cluster": item.cluster}


def _environments(items: list[Values]) -> tuple[Environment, ...]:
    if items and not any("protected" in item for item in items):
        items = [*items[:-1], items[-1] | {"protected": True}]
    return tuple(Environment(**item) for item in items)


def _teams(values: Values, applications: list[Values]) -> tuple[Team, ...]:
    if "teams" in values:
        return tuple(Team(**item) for item in values["teams"])
    owners = dict.fromkeys(item["team"] for item in applications if item.get("team"))
    return tuple(Team(owner) for owner in owners) or (Team("apps"),)


def _application(item: Values) -> Application:
    demo = item.get("image", DEMO_IMAGE) == DEMO_IMAGE
    where: Values = {"port": DEMO_PORT, "path": DEMO_PATH} if demo else {"port": PORT, "path": ""}
    return Application(**(where | item))
