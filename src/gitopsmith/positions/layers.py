"""An object on its way through the layers of kustomizations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gitopsmith.manifest import Resource, text
from gitopsmith.positions.fieldspecs import FieldSpec
from gitopsmith.positions.pieces import Branch, Node, Piece, value


@dataclass(slots=True)
class Layered:
    """The object as the layers up to now have made it; ``resource`` is what it is once it is rendered."""

    root: Branch
    resource: Resource
    ids: list[tuple[str, str]] = field(default_factory=list)
    """Namespace and name, oldest first, of every layer before this one."""
    keyed: bool = False
    """Patches merge its lists by key, since kustomize knows its schema."""
    seed: Node | None = None
    """The object as its file or generator has it."""
    writers: list[Piece] = field(default_factory=list)
    """The merge patches that were applied."""
    namespaces: list[Piece] = field(default_factory=list)
    """The namespaces that were set; where objects refer to each other, kustomize writes them too."""
    specs: dict[str, list[FieldSpec]] = field(default_factory=dict)
    """The fields that ``configurations`` add to those that transformers know."""

    @property
    def body(self) -> Any:
        return value(self.root)

    @property
    def identity(self) -> tuple[str, str]:
        body = self.body
        return text(body, "metadata", "namespace"), text(body, "metadata", "name")

    @property
    def namespaced(self) -> bool:
        return bool(self.resource.namespace)

    def remember(self) -> None:
        """Keeps the present name, before something changes it."""
        if not self.ids or self.ids[-1] != self.identity:
            self.ids.append(self.identity)
