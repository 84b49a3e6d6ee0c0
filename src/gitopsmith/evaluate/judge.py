"""What judging needs: the files, the rules in force, the schemas; what is judged once for each text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gitopsmith.config import Config
from gitopsmith.finding import Severity
from gitopsmith.graph import Build
from gitopsmith.manifest import Origin, Resource
from gitopsmith.policy import Policy, Violation
from gitopsmith.render import Bodies
from gitopsmith.tree import Tree
from gitopsmith.validate import Rules, SchemaProblem, Schemas, lowered, refusals

OPINIONS = frozenset({"pinning", "health", "reliability", "security"})
"""Families about workloads that run; what no Application deploys is spared them."""


def weighed(body: dict[str, Any], found: Iterable[SchemaProblem], rules: Rules | None) -> tuple[SchemaProblem, ...]:
    """Returns what a schema holds against an object, lower where it only amends another, and what else is refused.

    As on the API server, the rules of a definition are looked at when nothing else is wrong.
    """
    problems = lowered(body, found)
    problems += refusals(body, problems)
    return tuple(problems or (rules.check(body) if rules is not None else ()))


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """What judging needs: the files, the rules in force with their severities, and the schemas."""

    tree: Tree
    policies: tuple[Policy, ...]
    rules: Mapping[str, Severity]
    schemas: Schemas
    check_objects: Callable[[list[dict[str, Any]]], list[list[SchemaProblem]]] | None = None
    """A second engine that takes the place of the builtin schemas' own check."""
    rule_checks: Rules | None = None
    """What evaluates the rules of definitions; without it they are not looked at."""
    origin: Callable[[Build, Resource], Origin] = lambda _, resource: resource.origin
    """Tells where an object of a build comes from that was rendered without knowing."""
    edited: Callable[[Build], Tree | None] = lambda _: None
    """Returns the files as a build has them that an Application's options change."""
    bodies: Bodies = field(default_factory=Bodies)
    config: Config = field(default_factory=Config)
    _problems: dict[bytes, tuple[SchemaProblem, ...]] = field(default_factory=dict)
    _violations: dict[bytes, tuple[tuple[str, Violation], ...]] = field(default_factory=dict)
    _by_id: dict[str, Policy] = field(default_factory=dict)
    _by_kind: dict[str, tuple[Policy, ...]] = field(default_factory=dict)

    def for_kind(self, group_kind: str) -> tuple[Policy, ...]:
        """Returns the resource policies in force that look at a kind."""
        if group_kind not in self._by_kind:
            self._by_kind[group_kind] = tuple(
                policy
                for policy in self.policies
                if policy.subject == "resource" and policy.id in self.rules and {group_kind, "*"} & policy.kinds
            )
        return self._by_kind[group_kind]

    def policy(self, rule: str) -> Policy | None:
        """Returns the policy of a rule."""
        if not self._by_id:
            self._by_id.update({policy.id: policy for policy in self.policies})
        return self._by_id.get(rule)

    def of(self, subject: str) -> Iterator[Policy]:
        """Yields the policies in force that look at a subject."""
        return (policy for policy in self.policies if policy.subject == subject and policy.id in self.rules)

    def schema_problems(self, digest: bytes, body: dict[str, Any]) -> tuple[SchemaProblem, ...]:
        """Returns what the API server will hold against an object; objects with the same text are judged once."""
        if digest not in self._problems:
            self._problems[digest] = weighed(body, self.schemas.check(body), self.rule_checks)
        return self._problems[digest]

    def violations(self, digest: bytes, resource: Resource) -> Iterator[tuple[str, Violation]]:
        """Yields what policies hold against an object, by rule; what needs no siblings is judged once for each text."""
        policies = self.for_kind(resource.group_kind)
        if digest not in self._violations:
            alone = replace(resource, siblings=())
            self._violations[digest] = tuple(_violations((p for p in policies if not p.siblings), alone))
        yield from self._violations[digest]
        yield from _violations((policy for policy in policies if policy.siblings), resource)


def _violations(policies: Iterable[Policy], resource: Resource) -> Iterator[tuple[str, Violation]]:
    for policy in policies:
        assert policy.check is not None
        for violation in policy.check(resource):
            yield policy.id, violation
