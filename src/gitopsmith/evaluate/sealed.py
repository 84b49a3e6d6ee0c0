"""Sealed Secrets that a build gives another name or namespace than the one that they were sealed for.

The name and the namespace are the label of the encryption (``EncryptionLabel`` in
``pkg/apis/sealedsecrets/v1alpha1/sealedsecret_expansion.go`` of sealed-secrets), so nothing decrypts them under others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from gitopsmith import positions, secrets
from gitopsmith.evaluate.judge import Judge
from gitopsmith.finding import Route
from gitopsmith.graph import Build
from gitopsmith.manifest import Origin, Resource, mapping, text
from gitopsmith.policy import Violation
from gitopsmith.positions.candidates import objects

RULE = "sealed-secret-renamed"
KIND = "SealedSecret.bitnami.com"
NAME, NAMESPACE = ("metadata", "name"), ("metadata", "namespace")
_SCOPE = "sealedsecrets.bitnami.com/"


def renamed(judge: Judge, build: Build, resource: Resource) -> Iterator[Violation]:
    """Yields that an object cannot be unsealed, where a build changes what it was sealed for."""
    if resource.group_kind != KIND or RULE not in judge.rules or build.type != "kustomize":
        return
    bound = _bound(resource)
    source = _source(judge, build, resource) if bound else None
    if source is None or not _sealed_for(source, NAMESPACE):
        return
    changed = [route for route in bound if resource.get(*route) not in _sealed_for(source, route)]
    if changed:
        message = (
            f"SealedSecret {resource.name!r} is sealed for {_told(bound, *_meant(source))} and is deployed for "
            f"{_told(bound, resource.namespace, resource.name)}, where nothing can unseal it; seal it anew for that"
        )
        yield Violation(changed[0], message)


def _bound(resource: Resource) -> tuple[Route, ...]:
    """Returns the fields that are part of the encryption, by the scope that the object's own annotations name."""
    if resource.annotations.get(f"{_SCOPE}cluster-wide") == "true":
        return ()
    is_wide = resource.annotations.get(f"{_SCOPE}namespace-wide") == "true"
    return (NAMESPACE,) if is_wide else (NAMESPACE, NAME)


def _source(judge: Judge, build: Build, resource: Resource) -> dict[str, Any] | None:
    """Returns the object as its file has it, None where its sealed values are not written there."""
    known = replace(resource, origin=judge.origin(build, resource)) if resource.origin == Origin() else resource
    sealed = [key for key, value in mapping(known.body, "spec", "encryptedData").items() if _is_sealed(value)]
    places = [positions.place(judge.tree, build.entry, known, ("spec", "encryptedData", key)) for key in sealed]
    if not places or any(not place.exact or place.location.path != known.origin.path for place in places):
        return None
    bodies = [body for place in places if place.document for _, body in objects(place.document)]
    return next((body for body in bodies if _holds(body, known)), None)


def _is_sealed(value: Any) -> bool:
    return isinstance(value, str) and secrets.is_sealed(value)


def _holds(body: dict[str, Any], resource: Resource) -> bool:
    """Tells whether an object in a file has the sealed values of a rendered one."""
    return mapping(body, "spec", "encryptedData") == mapping(resource.body, "spec", "encryptedData")


def _sealed_for(source: dict[str, Any], route: Route) -> tuple[str, ...]:
    """Returns what an object may have been sealed for: kubeseal copies it to the template too."""
    return tuple(filter(None, (text(source, *route), text(source, "spec", "template", *route))))


def _meant(source: dict[str, Any]) -> tuple[str, str]:
    """Returns the namespace and name that an object was sealed for, as its file has them first."""
    return _sealed_for(source, NAMESPACE)[0], _sealed_for(source, NAME)[0]


def _told(bound: tuple[Route, ...], namespace: str, name: str) -> str:
    return f"name {name!r} in namespace {namespace!r}" if NAME in bound else f"namespace {namespace!r}"
