"""What a kustomization file says, field by field, and what stands where it points."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gitopsmith.documents import Document, Problem
from gitopsmith.finding import Route

FIELDS = (
    "apiVersion", "kind", "metadata", "openapi", "namePrefix", "nameSuffix", "namespace", "commonLabels", "labels",
    "commonAnnotations", "patchesStrategicMerge", "patchesJson6902", "patches", "images", "imageTags", "replacements",
    "replicas", "vars", "sortOptions", "resources", "components", "crds", "bases", "configMapGenerator",
    "secretGenerator", "helmGlobals", "helmCharts", "helmChartInflationGenerator", "generatorOptions", "configurations",
    "generators", "transformers", "validators", "buildMetadata",
)  # fmt: skip
"""Every field that kustomize 5.8 knows (``api/types/kustomization.go``)."""
_CANONICAL = {name.lower(): name for name in FIELDS}
_MOVED = frozenset({"bases", "imageTags", "helmChartInflationGenerator"})
"""Fields whose items kustomize moves to newer ones before it looks whether a file is empty."""


class Form(enum.Enum):
    """What kustomize takes an entry for."""

    FILE = "file"
    DIRECTORY = "directory"
    RESOURCE = "file or directory"
    REMOTE = "remote"


class State(enum.Enum):
    """What is found where a reference points."""

    FOUND_FILE = "file"
    FOUND_DIRECTORY = "directory"
    MISSING = "missing"
    RESTRICTED = "a file outside of the kustomization's directory"
    OUTSIDE = "outside of the repository"
    REMOTE = "remote"
    NOT_A_KUSTOMIZATION = "a directory without a kustomization"
    NOT_A_FILE = "a directory where a file is needed"
    NOT_A_DIRECTORY = "a file where a directory is needed"
    NOT_A_COMPONENT = "a Kustomization where a Component is needed"
    COMPONENT = "a Component where a Kustomization is needed"
    CYCLE = "a directory that contains this kustomization"


class Reference(NamedTuple):
    """One entry that makes kustomize read something.

    ``target`` is relative to the root, as ``../x`` when it leaves it; where it is a directory, links are resolved.
    """

    field: str
    route: Route
    text: str
    target: str
    form: Form


@dataclass(frozen=True, slots=True, eq=False)
class Kustomization:
    """A kustomization file. ``directory`` is relative to the root, an empty string for the root itself."""

    path: str
    directory: str
    document: Document | None
    problems: tuple[Problem, ...] = ()
    template: bool = False
    """It, or a file that lies beside it, is text to be filled in first; or its folder is named like a template."""
    references: tuple[Reference, ...] = ()
    states: dict[Reference, State] = field(default_factory=dict, repr=False)
    contents: dict[Reference, str] = field(default_factory=dict, repr=False)
    """The text of the files that it makes Secrets of, and that hold the values of its charts."""
    _keys: dict[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        spelled_so = {_CANONICAL.get(key.lower(), key): key for key in reversed(self.body)}
        object.__setattr__(self, "_keys", spelled_so)

    @property
    def body(self) -> dict[str, Any]:
        body = self.document.body if self.document else None
        return body if isinstance(body, dict) else {}

    @property
    def is_component(self) -> bool:
        return bool(self.value("kind") == "Component")

    @property
    def is_empty(self) -> bool:
        """Tells whether kustomize refuses it as empty; an empty list or map counts, but in a field that is moved."""
        return not any(
            value not in (None, [], {}, "") or (value in ([], {}) and _CANONICAL.get(name.lower(), name) not in _MOVED)
            for name, value in self.body.items()
            if name.lower() not in {"apiversion", "kind"}
        )

    @property
    def uses_helm(self) -> bool:
        return bool(self.value("helmCharts") or self.value("helmChartInflationGenerator"))

    def key(self, name: str) -> str | None:
        """Returns a field's name as this file spells it."""
        return self._keys.get(name)

    def value(self, name: str) -> Any:
        key = self.key(name)
        return self.body[key] if key is not None else None


def spelled(item: dict[str, Any], name: str) -> str:
    """Returns a field's name as a map spells it: Go's JSON matches names without case, an exact match first."""
    return name if name in item else next((key for key in item if key.lower() == name.lower()), name)
