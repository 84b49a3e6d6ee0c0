"""What Argo CD says of one Application, read from its body as the API server or Argo CD's own API returns it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from gitopsmith.argocd import automation
from gitopsmith.manifest import get, items, mapping, sequence, text

REFRESH = "argocd.argoproj.io/refresh"
UNDER_WAY = frozenset({"Running", "Terminating"})
FAILED = frozenset({"Failed", "Error"})


class Operation(NamedTuple):
    """The operation that runs, or the last one; ``revisions`` are those that it is about, one for each source.

    ``user`` is who asked for it, empty where Argo CD did; ``heals`` counts how often it undid what others changed.
    """

    phase: str = ""
    revisions: tuple[str, ...] = ()
    message: str = ""
    user: str = ""
    started: datetime | None = None
    finished: datetime | None = None
    heals: int = 0

    @property
    def is_under_way(self) -> bool:
        return self.phase in UNDER_WAY

    @property
    def has_failed(self) -> bool:
        return self.phase in FAILED


class Deployed(NamedTuple):
    """One entry of an Application's history: what was deployed, when, and by whom; empty for Argo CD itself."""

    revisions: tuple[str, ...]
    when: datetime | None
    user: str
    is_automated: bool


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One Application at one moment. ``revisions`` are those that it was compared with, one for each source."""

    body: Any

    @property
    def name(self) -> str:
        return text(self.body, "metadata", "name")

    @property
    def namespace(self) -> str:
        return text(self.body, "metadata", "namespace")

    @property
    def sync(self) -> str:
        return text(self.body, "status", "sync", "status") or "Unknown"

    @property
    def health(self) -> str:
        return text(self.body, "status", "health", "status") or "Unknown"

    @property
    def revisions(self) -> tuple[str, ...]:
        return _revisions(mapping(self.body, "status", "sync"))

    @property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """The URL and the path of each source."""
        several = [one for _, one in items(self.body, "spec", "sources")]
        return tuple(
            (text(one, "repoURL"), text(one, "path")) for one in several or [mapping(self.body, "spec", "source")]
        )

    @property
    def is_automated(self) -> bool:
        return automation.is_automated(self.body)

    @property
    def prunes(self) -> bool:
        return automation.prunes(self.body)

    @property
    def is_refreshing(self) -> bool:
        return get(self.body, "metadata", "annotations", REFRESH) is not None

    @property
    def reconciled(self) -> datetime | None:
        return moment(text(self.body, "status", "reconciledAt"))

    @property
    def operation(self) -> Operation:
        """The operation that runs, else the last one; one that was asked for and has not begun counts as running."""
        state = mapping(self.body, "status", "operationState")
        asked = mapping(self.body, "operation")
        if asked and text(state, "phase") not in UNDER_WAY:
            return Operation("Running", _revisions(mapping(asked, "sync")))
        about = _revisions(mapping(state, "syncResult")) or _revisions(mapping(state, "operation", "sync"))
        heals = get(state, "operation", "sync", "autoHealAttemptsCount")
        return Operation(
            text(state, "phase"),
            about,
            text(state, "message"),
            text(state, "operation", "initiatedBy", "username"),
            moment(text(state, "startedAt")),
            moment(text(state, "finishedAt")),
            heals if isinstance(heals, int) else 0,
        )

    @property
    def history(self) -> tuple[Deployed, ...]:
        """What was deployed, newest last."""
        return tuple(
            Deployed(
                _revisions(one),
                moment(text(one, "deployedAt")),
                text(one, "initiatedBy", "username"),
                get(one, "initiatedBy", "automated") is True,
            )
            for _, one in items(self.body, "status", "history")
        )

    @property
    def images(self) -> tuple[str, ...]:
        """The images of what runs, those of Pods that are about to go among them."""
        return tuple(one for one in sequence(self.body, "status", "summary", "images") if isinstance(one, str))

    @property
    def is_done(self) -> bool:
        """Tells whether everything is as git has it, and works, with nothing under way."""
        return (self.sync, self.health) == ("Synced", "Healthy") and not self.operation.is_under_way

    @property
    def is_current(self) -> bool:
        """Tells whether it was compared after its last operation ended, and no look is asked for."""
        ended, looked = self.operation.finished, self.reconciled
        return not self.is_refreshing and (ended is None or looked is None or looked >= ended)

    @property
    def reason(self) -> str:
        """The most telling of what Argo CD says of what is not in order."""
        return " ".join(reason(self.body).split())

    @property
    def objects(self) -> str:
        """The objects that are not as git has them, or not healthy, three of them at most."""
        return _objects(self.body)

    @property
    def unhealthy(self) -> str:
        """What Argo CD says of objects that are not healthy, one after the other."""
        bad = (one for _, one in items(self.body, "status", "resources"))
        said = (
            f"{text(one, 'kind')}/{text(one, 'name')} {text(one, 'health', 'message') or text(one, 'health', 'status')}"
            for one in bad
            if text(one, "health", "status") not in {"", "Healthy"}
        )
        return "; ".join(list(said)[:3])

    def __str__(self) -> str:
        return f"{self.sync}, {self.health}"


def read(bodies: Iterable[Any]) -> tuple[Seen, ...]:
    """Reads Applications, by namespace and name."""
    return tuple(sorted(map(Seen, bodies), key=lambda one: (one.namespace, one.name)))


def reason(application: Any) -> str:
    """Returns the most telling of what Argo CD says: a condition, the operation, the health, then single objects."""
    conditions = [text(one, "message") for _, one in items(application, "status", "conditions")]
    operation = mapping(application, "status", "operationState")
    said = text(operation, "message") if text(operation, "phase") in UNDER_WAY | FAILED else ""
    health = text(application, "status", "health", "message")
    return next((one for one in (*conditions, said, health) if one), "") or _objects(application)


def moment(written: str) -> datetime | None:
    """Reads a time as Kubernetes writes it, None where there is none."""
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _revisions(body: dict[str, Any]) -> tuple[str, ...]:
    several = tuple(one for one in sequence(body, "revisions") if isinstance(one, str))
    return several or tuple(filter(None, (text(body, "revision"),)))


def _objects(application: Any) -> str:
    troubled = list(_troubled(application))
    return "; ".join(troubled[:3]) + (f"; {len(troubled) - 3} more" if len(troubled) > 3 else "")


def _troubled(application: Any) -> Iterator[str]:
    for _, one in items(application, "status", "resources"):
        status, health = text(one, "status"), text(one, "health", "status")
        if status == "OutOfSync" or health not in {"", "Healthy"}:
            words = text(one, "health", "message") or ", ".join(filter(None, (status, health)))
            yield f"{text(one, 'kind')}/{text(one, 'name')} {words}"
