"""A Kubernetes object as data: its name, its kind, and safe ways to read its fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gitopsmith.finding import Location, ObjectName, Route

MERGE_KEYS = ("name", "containerPort", "port", "mountPath", "key", "ip", "topologyKey", "devicePath", "uid")
"""Keys that tell the items of a list apart, in the order in which they are tried."""


def get(body: Any, *route: str | int) -> Any:
    """Returns the value at a route, None where there is none."""
    for step in route:
        try:
            body = body[step]
        except (KeyError, IndexError, TypeError):
            return None
    return body


def mapping(body: Any, *route: str | int) -> dict[str, Any]:
    """Returns the map at a route, an empty one where there is anything else."""
    value = get(body, *route)
    return value if isinstance(value, dict) else {}


def sequence(body: Any, *route: str | int) -> list[Any]:
    """Returns the list at a route, an empty one where there is anything else."""
    value = get(body, *route)
    return value if isinstance(value, list) else []


def text(body: Any, *route: str | int) -> str:
    """Returns the string at a route, an empty one where there is anything else."""
    value = get(body, *route)
    return value if isinstance(value, str) else ""


def items(body: Any, *route: str | int) -> Iterator[tuple[Route, dict[str, Any]]]:
    """Yields each map in the list at a route, with the route to it."""
    for index, value in enumerate(sequence(body, *route)):
        if isinstance(value, dict):
            yield (*route, index), value


def scalars(body: Any, route: Route = ()) -> Iterator[tuple[Route, Any]]:
    """Yields every scalar below a body with its route, in the order of the text."""
    if isinstance(body, dict):
        for key, value in body.items():
            yield from scalars(value, (*route, key))
    elif isinstance(body, list):
        for index, value in enumerate(body):
            yield from scalars(value, (*route, index))
    else:
        yield route, body


def item_key(item: Any) -> tuple[str, Any] | None:
    """Returns the key and value that tell an item of a list apart from the others, None when nothing does."""
    if isinstance(item, dict):
        for key in MERGE_KEYS:
            if isinstance(item.get(key), str | int):
                return key, item[key]
    return None


def pointer(body: Any, route: Route) -> str:
    """Writes a route for people, items of lists by their key: ``spec.containers[name=web].image``."""
    out = ""
    for step in route:
        if isinstance(step, int):
            key = item_key(get(body, step))
            out += f"[{key[0]}={key[1]}]" if key else f"[{step}]"
        else:
            plain = step.replace("-", "").replace("_", "").isalnum()
            out += (f".{step}" if out else step) if plain else f"[{step!r}]"
        body = get(body, step)
    return out


class Charted(NamedTuple):
    """What asks for the chart that made an object, and where the chart's values come from.

    ``location`` is the source in the Application. ``chart`` is the chart's folder, and ``files`` are those with values
    in the repository, the strongest last; all are relative to the root. ``inline`` are the Application's own values as
    text, and ``parameters`` the names of those that win over all. ``body`` is the source as Argo CD reads it, which is
    written at ``route`` of ``resource``, an object that ``entry`` renders.
    """

    location: Location
    chart: str = ""
    files: tuple[str, ...] = ()
    inline: str = ""
    parameters: tuple[str, ...] = ()
    body: dict[str, Any] = {}  # noqa: RUF012 - never written to
    resource: Resource | None = None
    route: Route = ()
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an object was taken from: a file, or a generator's kustomization. Paths relative to the root.

    ``asked`` is what asks for the chart that made the object; ``path`` is then a template.
    """

    path: str = ""
    configured_in: str = ""
    configured_by: str = ""
    remote: bool = False
    asked: Charted | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """One object as it will be applied. ``siblings`` are all objects of the same build, itself included."""

    body: dict[str, Any]
    origin: Origin = Origin()
    siblings: tuple[Resource, ...] = field(default=(), repr=False)

    @property
    def api_version(self) -> str:
        return text(self.body, "apiVersion")

    @property
    def kind(self) -> str:
        return text(self.body, "kind")

    @property
    def group(self) -> str:
        return self.api_version.rpartition("/")[0]

    @property
    def group_kind(self) -> str:
        """Kind and group as kubectl writes them: ``Deployment.apps``, ``Service``."""
        group = self.group
        return f"{self.kind}.{group}" if group else self.kind

    @property
    def name(self) -> str:
        return text(self.body, "metadata", "name")

    @property
    def namespace(self) -> str:
        return text(self.body, "metadata", "namespace")

    @property
    def annotations(self) -> dict[str, Any]:
        return mapping(self.body, "metadata", "annotations")

    @property
    def labels(self) -> dict[str, Any]:
        return mapping(self.body, "metadata", "labels")

    @property
    def object(self) -> ObjectName:
        return ObjectName(self.api_version, self.kind, self.namespace, self.name)

    def get(self, *route: str | int) -> Any:
        return get(self.body, *route)


def is_object(body: Any) -> bool:
    """Tells whether a body could be a Kubernetes object at all."""
    return isinstance(body, dict) and isinstance(body.get("apiVersion"), str) and isinstance(body.get("kind"), str)
