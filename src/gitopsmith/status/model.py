"""What one application is in one environment, by git and by the cluster, and what is not in order with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from gitopsmith import image
from gitopsmith.git import Logged
from gitopsmith.live import Seen


class Problem(NamedTuple):
    """Something that is not in order: a word that programs know it by, and a sentence."""

    kind: str
    message: str


class Deployment(NamedTuple):
    """The last deployment: when, who is behind it, of which commit, and whether Argo CD did it by itself.

    Where no cluster is asked, it is the last commit that changed the application.
    """

    when: datetime | None
    who: str
    commit: str
    is_automatic: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One application in one environment; both are empty names for an Application of no environment.

    ``git`` is the last commit that touched what it is made from, ``synced`` the last such one that the cluster has,
    ``behind`` how many such commits it lacks, None where that cannot be told. ``images`` are those of git; ``seen`` is
    what Argo CD says, None where it has no such Application, or was not asked.
    """

    app: str
    environment: str
    namespace: str
    name: str
    is_protected: bool = False
    is_in_git: bool = True
    is_asked: bool = False
    git: Logged | None = None
    synced: Logged | None = None
    behind: int | None = None
    follows: str = ""
    images: tuple[str, ...] = ()
    failure: str = ""
    seen: Seen | None = None
    deployed: Deployment | None = None

    @property
    def wrong_images(self) -> tuple[tuple[str, str], ...]:
        """The images that run in another version than git says: what git has, and what runs."""
        live: dict[str, list[str]] = {}
        for one in self.seen.images if self.seen else ():
            live.setdefault(image.parse(one).name, []).append(one)
        here = ((one, live.get(image.parse(one).name, [])) for one in self.images)
        return tuple((one, there[0]) for one, there in here if there and one not in there)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is not as git has it, has failed, or is not healthy; the most telling first."""
        if self.failure:
            return (Problem("unrenderable", self.failure),)
        if not self.is_in_git:
            return (Problem("not-in-git", "it is in the cluster and not in git"),)
        if self.seen is None:
            unseen = Problem("not-in-cluster", "Argo CD shows none: it is not there, or not for your role")
            return (unseen,) if self.is_asked else ()
        return tuple(_problems(self, self.seen))


def _problems(row: Row, seen: Seen) -> Iterator[Problem]:
    operation = seen.operation
    if operation.is_under_way:
        about = ", ".join(one[:7] for one in operation.revisions)
        yield Problem("syncing", f"an operation{f' of {about}' if about else ''} runs{_said(operation.message)}")
    elif operation.has_failed and seen.sync != "Synced":
        yield Problem("sync-failed", f"the last sync failed{_said(operation.message)}")
    if seen.sync == "Unknown":
        yield Problem("unknown", f"Argo CD cannot tell what should run{_said(seen.reason)}")
    if row.behind:
        yield Problem("behind", f"{row.behind} {'commit is' if row.behind == 1 else 'commits are'} not seen yet")
    elif seen.sync == "OutOfSync" and not operation.is_under_way:
        yield Problem("drift", f"the cluster is not as git has it{_said(seen.objects)}")
    if seen.health not in {"Healthy", "Unknown"} or (seen.health == "Unknown" and seen.sync != "Unknown"):
        yield Problem(seen.health.lower(), f"its health is {seen.health}{_said(seen.unhealthy)}")
    if not seen.is_automated:
        yield Problem("manual", "Argo CD does not sync it by itself")
    for wanted, there in row.wrong_images if not row.behind and seen.sync == "Synced" else ():
        yield Problem("image", f"{there} runs, and git has {wanted}")


def _said(text: str) -> str:
    return f": {' '.join(text.split())}" if text else ""


@dataclass(frozen=True, slots=True)
class Counts:
    """How the last deployments went, by what Applications remember of themselves: ten deployments each, as a rule.

    ``failed`` are Applications whose last sync failed, ``drifted`` those that are not as git has them though git did
    not change, ``healed`` how often Argo CD applied a commit again that it had deployed: what others had changed.
    ``rollbacks`` are the seconds from each commit that rolls back to the end of its sync.
    """

    deployments: int = 0
    automatic: int = 0
    applications: int = 0
    failed: int = 0
    drifted: int = 0
    healed: int = 0
    rollbacks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """All rows in promotion order. ``access`` is how the cluster was asked, empty where it was not."""

    tip: str
    branch: str
    rows: tuple[Row, ...]
    access: str = ""
    counts: Counts = Counts()
    notes: tuple[str, ...] = ()

    @property
    def is_in_order(self) -> bool:
        """Tells whether everything is as git has it, and healthy, as far as that was asked."""
        return not any(row.problems for row in self.rows)
