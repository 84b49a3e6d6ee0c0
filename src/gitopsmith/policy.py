"""Policies: one file each, loaded from the content folder, with their documentation and their examples.

A policy has a docstring (its documentation page), ``SEVERITY``, ``GOOD`` and ``BAD``, and exactly one of
``check_resource`` (with ``KINDS``), ``check_application``, ``check_kustomization``, ``check_layer`` (a kustomization
with all that comes into it) and ``check_repository`` -- or ``STAGE``, the name of the part of the program that reports
the rule itself, because it must speak even where nothing could be parsed.

A policy may have ``fix``, which returns the Remedy of one of its violations, with ``FIXED``, texts before and after,
and ``FIX_IS_SAFE`` where all that is applied stays the same.
"""

from __future__ import annotations

import functools
import importlib.util
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from gitopsmith import content
from gitopsmith.finding import Edit, Failure, Route, Severity
from gitopsmith.manifest import get

FAMILIES = (
    "argocd",
    "kustomize",
    "secrets",
    "pinning",
    "health",
    "security",
    "reliability",
    "deprecation",
    "repository",
    "yaml",
    "schema",
    "suppression",
)
PROFILES = ("minimal", "standard", "production")
"""Sets of rules, each with all of the one before: what Argo CD or the API server refuses, what any repository should
hold, what production should."""
STANDARD = "standard"
OFF = "off"
"""Stands for no profile: the rule is an opinion, on only where it is asked for by its name."""
PACKAGE = "gitopsmith_policies"
SUBJECTS = ("resource", "application", "kustomization", "layer", "repository")


class Violation(NamedTuple):
    """What a policy sees: a field, and a message. No place and no severity, those are the core's.

    ``subject`` is given by repository policies alone: the Application, Resource, ObjectFact, Kustomization or Config
    whose field it is.
    ``severity`` lowers this one below the policy's own, where the policy's documentation says when.
    """

    route: Route
    message: str
    subject: Any = None
    severity: Severity | None = None


class Remedy(NamedTuple):
    """How a violation is mended: edits of the body that the policy looked at, one after the other."""

    description: str
    edits: tuple[Edit, ...]


def successor(violation: Violation) -> Remedy | None:
    """Returns what writes the API version that a message ends with, which fits only where its fields are the same."""
    newer = re.search(r"; use (\S+)\Z", violation.message)
    return Remedy(f"write {newer[1]}", (Edit("put", violation.route, newer[1]),)) if newer else None


def removal(body: Any, route: Route) -> Remedy:
    """Returns what takes an item of a list away, and the list with it where it is the only one."""
    is_last = len(get(body, *route[:-1]) or ()) == 1
    return Remedy("remove it", (Edit("remove", route[:-1] if is_last else route),))


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule that can be selected, with the function that finds its violations."""

    id: str
    family: str
    severity: Severity
    documentation: str
    subject: str
    kinds: frozenset[str]
    check: Callable[..., Iterable[Violation]] | None
    good: tuple[str, ...]
    bad: tuple[str, ...]
    profile: str = STANDARD
    """The first profile in which it is on; those after it in ``PROFILES`` have it too. ``OFF`` for none."""
    needs_ownership: bool = False
    """It can only be judged where it is known which repository URLs mean this repository."""
    siblings: bool = False
    """It looks at the other objects of the same build too."""
    masked: bool = False
    """What stands at the lines of its findings may be a secret, so that no report shows it."""
    fix: Callable[[Any, Violation], Remedy | None] | None = None
    """Returns what mends a violation of a subject, None where that is not clear."""
    fixed: tuple[tuple[str, str], ...] = ()
    """Examples of what ``lint --fix`` makes: a text before, and after it. Rules without any are not fixed."""
    fix_is_safe: bool = False
    """All that is applied is the same after a fix, which is proved where one is made."""
    path: Path = field(default=Path(), repr=False)

    @property
    def summary(self) -> str:
        return self.documentation.strip().splitlines()[0]


def beside_severity(item: Policy) -> str:
    """Says in which profile a rule is, where that is not the standard one, and whether ``lint --fix`` mends it."""
    words = ["off" if item.profile == OFF else f"profile {item.profile}"] if item.profile != STANDARD else []
    words += ["fixed by --fix" if item.fix_is_safe else "fixed by --fix --unsafe-fixes"] if item.fixed else []
    return "".join(f", {word}" for word in words)


@functools.cache
def load(folder: Path = content.POLICIES) -> tuple[Policy, ...]:
    """Loads every policy below a folder, sorted by id; once, for a command may lint both sides of a change.

    Raises Failure when a file there is no policy: that is a defect of the program or of the user's own policy.
    """
    found = [_policy(path) for path in sorted(folder.glob("*/*.py"))]
    return tuple(sorted(found, key=lambda policy: policy.id))


def names(folder: Path = content.POLICIES) -> frozenset[str]:
    """Returns the ids and families of every policy below a folder; none of them is loaded."""
    return frozenset(name for path in folder.glob("*/*.py") for name in (_id(path), path.parent.name))


def _id(path: Path) -> str:
    return path.stem.replace("_", "-")


def _policy(path: Path) -> Policy:
    family = path.parent.name
    module = _module(path, family)
    checks = [subject for subject in SUBJECTS if hasattr(module, f"check_{subject}")]
    stage = getattr(module, "STAGE", None)
    if len(checks) + (stage is not None) != 1:
        raise Failure(f"{path}: a policy has exactly one of {', '.join(f'check_{s}' for s in SUBJECTS)}, or STAGE")
    try:
        return Policy(
            id=_id(path),
            family=family,
            severity=Severity(module.SEVERITY),
            documentation=module.__doc__ or "",
            subject=checks[0] if checks else stage or "",
            kinds=frozenset(getattr(module, "KINDS", ())),
            check=getattr(module, f"check_{checks[0]}") if checks else None,
            good=tuple(module.GOOD),
            bad=tuple(module.BAD),
            profile=_profile(getattr(module, "PROFILE", STANDARD)),
            needs_ownership=getattr(module, "NEEDS_OWNERSHIP", False),
            siblings=getattr(module, "SIBLINGS", False),
            masked=getattr(module, "MASKED", family == "secrets"),
            fix=getattr(module, "fix", None),
            fixed=tuple(getattr(module, "FIXED", ())),
            fix_is_safe=getattr(module, "FIX_IS_SAFE", False),
            path=path,
        )
    except AttributeError as error:
        raise Failure(f"{path}: {error}") from error


def _profile(name: str) -> str:
    if name not in {*PROFILES, OFF}:
        raise AttributeError(f"{name!r} is no profile")
    return name


def _module(path: Path, family: str) -> ModuleType:
    name = f"{PACKAGE}.{family}.{path.stem}"
    for package in (PACKAGE, f"{PACKAGE}.{family}"):
        sys.modules.setdefault(package, ModuleType(package))
    specification = importlib.util.spec_from_file_location(name, path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    specification.loader.exec_module(module)
    return module


def select(policies: Iterable[Policy], kind: str) -> Iterator[Policy]:
    """Yields the policies that look at one subject."""
    return (policy for policy in policies if policy.subject == kind)
