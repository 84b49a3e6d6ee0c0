"""Applications, ApplicationSets, and all of them together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gitopsmith.application import Application, ObjectFact, Repository
from gitopsmith.config import Config
from gitopsmith.evaluate.judge import Judge
from gitopsmith.evaluate.placing import (
    place_in_application,
    place_in_configuration,
    place_in_kustomization,
    place_in_source,
    place_violation,
    unplaced,
)
from gitopsmith.finding import Finding, Severity
from gitopsmith.graph import Expanded, SourceFinding
from gitopsmith.kustomization import Kustomization
from gitopsmith.manifest import Resource
from gitopsmith.policy import Violation

EXPANSION = "application-set-invalid"


def judge_application(judge: Judge, application: Application, *, ownership_known: bool) -> Iterator[Finding]:
    """Yields what is wrong with one Application; of a disabled one, nothing is more than a warning."""
    if application.commit:  # nobody can edit it there
        return
    worst = Severity.WARNING if application.disabled else Severity.ERROR
    for policy in judge.of("application"):
        assert policy.check is not None
        if policy.needs_ownership and not ownership_known:
            continue
        for violation in policy.check(application):
            finding = place_in_application(judge, policy.id, violation, application)
            yield replace(finding, severity=min(worst, finding.severity), applications=(application.name,))


def judge_application_set(judge: Judge, one: Expanded) -> Iterator[Finding]:
    """Yields why Argo CD refuses an ApplicationSet; of a disabled one, nothing is more than a warning."""
    if EXPANSION not in judge.rules:
        return
    worst = Severity.WARNING if one.disabled else Severity.ERROR
    for refusal in one.expansion.refusals:
        violation = Violation(refusal.route, refusal.message, severity=min(worst, refusal.severity))
        finding = place_violation(judge, EXPANSION, violation, one.application_set, one.entry)
        yield replace(finding, applications=tuple(sorted(refusal.applications)))


def judge_repository(judge: Judge, repository: Repository) -> Iterator[Finding]:
    """Yields what only shows when all Applications are seen together."""
    for policy in judge.of("repository"):
        assert policy.check is not None
        for violation in policy.check(repository):
            subject = violation.subject
            if isinstance(subject, Config):
                yield place_in_configuration(judge, subject, policy.id, violation)
                continue
            if isinstance(subject, Kustomization):
                yield place_in_kustomization(judge, subject, policy.id, violation)
                continue
            if isinstance(subject, Application | ObjectFact) and subject.commit:
                yield from _about_elsewhere(judge, repository, policy.id, violation)
                continue
            if isinstance(subject, Application):
                finding = place_in_application(judge, policy.id, violation, subject)
            elif isinstance(subject, ObjectFact):
                finding = place_violation(judge, policy.id, violation, subject.resource, subject.entry)
            else:
                finding = place_violation(judge, policy.id, violation, subject, None)
            yield replace(finding, applications=_deploying(repository, subject))


def _about_elsewhere(judge: Judge, repository: Repository, rule: str, violation: Violation) -> Iterator[Finding]:
    """Yields a finding about an object in another revision, at each Application that asks for that revision."""
    subject = violation.subject
    found = unplaced(judge, rule, violation.message)
    found = replace(found, severity=min(violation.severity or found.severity, found.severity))
    for app in (one.application for one in repository.deployed if subject in one.objects):
        for source in app.sources if not app.commit else ():
            if source.commit == subject.commit:
                placed = place_in_source(judge, app, source.route, SourceFinding(("targetRevision",), found))
                yield replace(placed, applications=(app.name,))


def _deploying(repository: Repository, subject: Application | Resource | ObjectFact) -> tuple[str, ...]:
    """Returns the names of the Applications that a finding is about."""
    if isinstance(subject, Application):
        return (subject.name,)
    return tuple(sorted({one.application.name for one in repository.deployed if subject in one.objects}))
