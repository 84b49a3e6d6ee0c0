"""What the ``kustomize`` block of an Application makes of a kustomization before it is built.

Facts: ``Build`` in Argo CD's ``util/kustomize/kustomize.go``, ``newEnv`` in its ``reposerver/repository``, and
``kustomize edit``, which it runs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from gitopsmith.finding import Route
from gitopsmith.manifest import mapping, scalars, sequence, text
from gitopsmith.render.variables import substitute

BLOCK = "kustomize"
_PATTERN = re.compile(r"[][*+?(){}|^$\\]")
"""What makes kustomize read a name as a pattern."""
Pairs = tuple[tuple[str, str], ...]


class Edits(NamedTuple):
    """The options of one source, with their variables filled in; two that are equal make the same of a kustomization.

    ``replicas`` are names and counts, ``patches`` are JSON. Flags are those of ``kustomize edit add``.
    """

    name_prefix: str = ""
    name_suffix: str = ""
    images: tuple[str, ...] = ()
    replicas: Pairs = ()
    labels: Pairs = ()
    label_flags: tuple[str, ...] = ()
    annotations: Pairs = ()
    annotation_flags: tuple[str, ...] = ()
    namespace: str = ""
    patches: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    ignore_missing: bool = False


NONE = Edits()


class Command(NamedTuple):
    """One ``kustomize edit``, and the option that asks for it."""

    option: str
    arguments: tuple[str, ...]


def read(block: Mapping[str, Any], variables: Mapping[str, str]) -> Edits:
    """Reads a ``kustomize`` block; what the API server would refuse by its type counts for nothing.

    ``variables`` are those that Argo CD fills into images, labels and, when asked to, annotations.
    """

    def filled(value: str) -> str:
        return substitute(value, variables)

    def as_it_is(value: str) -> str:
        return value

    labels = _pairs(block, "commonLabels", filled)
    annotations = _pairs(
        block, "commonAnnotations", filled if block.get("commonAnnotationsEnvsubst") is True else as_it_is
    )
    components = _texts(block, "components")
    return Edits(
        text(block, "namePrefix"),
        text(block, "nameSuffix"),
        tuple(filled(image) for image in _texts(block, "images")),
        _replicas(block),
        labels,
        _flags(block, _LABEL_FLAGS) if labels else (),
        annotations,
        _flags(block, {"forceCommonAnnotations": "--force"}) if annotations else (),
        text(block, "namespace"),
        _patches(block),
        components,
        bool(components) and block.get("ignoreMissingComponents") is True,
    )


_LABEL_FLAGS = {
    "forceCommonLabels": "--force",
    "labelWithoutSelector": "--without-selector",
    "labelIncludeTemplates": "--include-templates",
}


def commands(edits: Edits) -> tuple[Command, ...]:
    """Returns the commands for all options but patches and components, in Argo CD's order."""
    metadata = (("commonLabels", "label", edits.labels, edits.label_flags),
                ("commonAnnotations", "annotation", edits.annotations, edits.annotation_flags))  # fmt: skip
    found = (
        ("namePrefix", ("set", "nameprefix", "--", edits.name_prefix) if edits.name_prefix else ()),
        ("nameSuffix", ("set", "namesuffix", "--", edits.name_suffix) if edits.name_suffix else ()),
        ("images", ("set", "image", *edits.images) if edits.images else ()),
        ("replicas", ("set", "replicas", *_joined(edits.replicas, "=")) if edits.replicas else ()),
        *(
            (option, ("add", noun, *flags, *_joined(pairs, ":")) if pairs else ())
            for option, noun, pairs, flags in metadata
        ),
        ("namespace", ("set", "namespace", "--", edits.namespace) if edits.namespace else ()),
    )
    return tuple(Command(option, ("edit", *arguments)) for option, arguments in found if arguments)


def option_of(edits: Edits, edited: Mapping[str, Any], route: Route) -> Route | None:
    """Returns the option that wrote a field of an edited kustomization, None for what stood there before.

    The route is relative to the ``kustomize`` block; ``edited`` is the whole body.
    """
    field, *steps = route or ("",)
    value = mapping(edited)
    if field in {"namePrefix", "nameSuffix", "namespace"}:
        given = {"namePrefix": edits.name_prefix, "nameSuffix": edits.name_suffix, "namespace": edits.namespace}
        return (field,) if given[str(field)] else None
    entries = sequence(value, str(field))
    index = steps[0] if steps and isinstance(steps[0], int) and steps[0] < len(entries) else None
    if field in {"images", "replicas"} and index is not None:
        names = [image_name(image) for image in edits.images] if field == "images" else [n for n, _ in edits.replicas]
        return _last(str(field), names, text(entries[index], "name"))
    if field == "patches" and index is not None:
        own = index - (len(entries) - len(edits.patches))
        return ("patches", own, *steps[1:]) if own >= 0 else None
    if field == "components" and index is not None:
        return _last("components", list(edits.components), str(entries[index]))
    return _metadata_option(edits, route) if len(route) > 1 else None


def _metadata_option(edits: Edits, route: Route) -> Route | None:
    """Returns the label or annotation that an option set: ``commonLabels.x``, ``labels[0].pairs.x`` and the like."""
    apart = "--without-selector" in edits.label_flags
    key = str(route[-1])
    if route[0] == "commonAnnotations" and key in dict(edits.annotations):
        return ("commonAnnotations", key)
    if route[0] == ("labels" if apart else "commonLabels") and key in dict(edits.labels):
        return ("commonLabels", key)
    return None


def image_name(option: str) -> str:
    """Returns the image that an entry of ``images`` is about: ``name=new:tag``, ``name:tag``, ``name@digest``."""
    name, equals, _ = option.partition("=")
    return name if equals else _cut(option)


def image_wanted(option: str) -> str:
    """Returns the name that images have once an entry of ``images`` is applied; empty when it keeps what was there."""
    _, equals, new = option.partition("=")
    name = _cut(new) if equals else image_name(option)
    return "" if "*" in name else name


def dead_images(edits: Edits, bodies: Iterable[Any]) -> Iterator[tuple[int, str]]:
    """Yields the entries of ``images`` that change nothing, with the reason. ``bodies`` are what was built with them.

    An entry that works leaves its name in some object; one that keeps the name that was there is not looked into.
    """
    if not edits.images:
        return
    names = [image_name(image) for image in edits.images]
    there = {_cut(value) for body in bodies for _, value in scalars(body) if isinstance(value, str)}
    for index, image in enumerate(edits.images):
        name, wanted = names[index], image_wanted(image)
        if name in names[index + 1 :]:
            yield index, f"a later entry for the image {name} takes the place of this one; remove it"
        elif wanted and not _PATTERN.search(wanted) and wanted not in there:
            yield index, f"no image of what is deployed is called {name}, so that this changes nothing"


def _cut(image: str) -> str:
    rest = image.partition("@")[0]
    folder, slash, last = rest.rpartition("/")
    return folder + slash + last.partition(":")[0]


def _last(option: str, names: list[str], name: str) -> Route | None:
    found = [index for index, known in enumerate(names) if known == name]
    return (option, found[-1]) if found else None


def _joined(pairs: Pairs, mark: str) -> tuple[str, ...]:
    return tuple(f"{name}{mark}{value}" for name, value in pairs)


def _flags(block: Mapping[str, Any], flags: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(flag for name, flag in flags.items() if block.get(name) is True)


def _texts(block: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = tuple(sequence(block, name))
    return found if all(isinstance(item, str) for item in found) else ()


def _pairs(block: Mapping[str, Any], name: str, made: Callable[[str], str]) -> Pairs:
    found = mapping(block, name)
    right = all(isinstance(value, str) for value in found.values())
    return tuple(sorted((key, made(value)) for key, value in found.items())) if right else ()


def _replicas(block: Mapping[str, Any]) -> Pairs:
    found = [(text(item, "name"), mapping(item).get("count")) for item in sequence(block, "replicas")]
    right = all(isinstance(count, int | str) and not isinstance(count, bool) for _, count in found)
    return tuple((name, _count(count)) for name, count in found) if right else ()


def _count(count: Any) -> str:
    return str(int(count)) if re.fullmatch(r"[+-]?[0-9]+", str(count)) else str(count)


def _patches(block: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns each patch with the fields that Argo CD knows of one, as JSON."""
    found = sequence(block, "patches")
    return tuple(json.dumps(_patch(item), sort_keys=True) for item in found) if all(map(mapping, found)) else ()


def _patch(item: Any) -> dict[str, Any]:
    known = ("group", "version", "kind", "name", "namespace", "annotationSelector", "labelSelector")
    target = {key: value for key in known if (value := text(item, "target", key))}
    options = {key: value for key, value in mapping(item, "options").items() if isinstance(value, bool)}
    patch: dict[str, Any] = {key: value for key in ("path", "patch") if (value := text(item, key))}
    has_target = "target" in item and item["target"] is not None
    return patch | ({"target": target} if has_target else {}) | ({"options": options} if options else {})
