"""Argo CD sees a revert early enough to roll back in time.

Without a webhook Argo CD asks each repository for new commits every `timeout.reconciliation`, later by up to
`timeout.reconciliation.jitter` (120 and 60 seconds where argocd-cm says nothing), and takes as long again for what it
has in its cache: three minutes by default. That is spent before a rollback through git even begins, and is compared
with `budgets.rollback` of the configuration. `timeout.reconciliation: 0` never asks.

Off unless it is asked for: whether a webhook is set up stands in a Secret, and is not known here.
Exempt: an argocd-cm that says nothing of `timeout.reconciliation`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import argocd
from gitopsmith.application import Repository
from gitopsmith.finding import Severity
from gitopsmith.manifest import text
from gitopsmith.policy import OFF, Violation

SEVERITY = Severity.WARNING
PROFILE = OFF
POLL, JITTER = "timeout.reconciliation", "timeout.reconciliation.jitter"
DEFAULT_JITTER = 60.0


def check_repository(repository: Repository) -> Iterator[Violation]:
    budget = repository.config.rollback_seconds
    for control in repository.controls:
        written = text(control.body, "data", POLL)
        if control.name != "argocd-cm" or not written:
            continue
        poll = argocd.seconds(written)
        jitter = (
            argocd.seconds(text(control.body, "data", JITTER)) if text(control.body, "data", JITTER) else DEFAULT_JITTER
        )
        if poll == 0:
            message = "Argo CD asks no repository for new commits, a revert neither, but by a webhook; write 30s"
            yield Violation(("data", POLL), message, control)
        elif poll is not None and jitter is not None and 2 * poll + jitter > budget:
            message = (
                f"a revert may be seen after {2 * poll + jitter:g} seconds without a webhook, and the budget of a "
                f"rollback is {budget}; write a shorter time, or a shorter {JITTER}"
            )
            yield Violation(("data", POLL), message, control)


GOOD = ["poll-in-budget", "application-good"]
BAD = ["poll-over-budget"]
