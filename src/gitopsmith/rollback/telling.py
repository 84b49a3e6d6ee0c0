"""Writes a rollback down for a terminal: the history, the target, what changes, and what to know."""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import diff
from gitopsmith.manifest import get
from gitopsmith.report.excerpt import safe
from gitopsmith.report.summary import listed
from gitopsmith.rollback.ladder import EXACT, Rung
from gitopsmith.rollback.planning import Plan
from gitopsmith.rollback.targets import Target
from gitopsmith.states import State


def text(plan: Plan, *, color: bool = False) -> str:
    """Returns all that a person looks at before a rollback."""
    head = [*_history(plan.target), *_chosen(plan)]
    shown = "".join(f"{safe(line)}\n" for line in head)
    for rung in plan.rungs:
        if not rung.why_not and rung.weighed is not None:
            title = f"{rung.name}: {rung.meaning}"
            shown += f"\n{safe(title)}\n{diff.text(rung.weighed.difference, color=color)}"
            shown += "".join(f"{safe(line)}\n" for line in _beside(rung))
    return shown + "".join(f"note: {safe(note)}\n" for note in plan.notes)


def _history(target: Target) -> Iterator[str]:
    """Yields the states that were looked at, newest first."""
    for change in target.seen:
        then = target.then is not None and change.commit == target.then.commit
        mark = "now " if change is target.now else " -> " if then else "    "
        told = f"{mark}{change.commit[:9]}  {change.when:%Y-%m-%d %H:%M}  {change.author}  {change.subject}"
        yield told
        yield from (f"          {line}" for line in _state(change.state))


def _state(state: State) -> Iterator[str]:
    if state.failure:
        yield state.failure
        return
    images = dict.fromkeys(one for one in state.images.values() if one)
    yield f"images: {listed(list(images)) or 'none'}"
    replicas = {
        str(manifest.object): count
        for manifest in state.manifests
        if (count := get(manifest.resource.body, "spec", "replicas")) is not None
    }
    if replicas:
        yield "replicas: " + ", ".join(f"{name} {count}" for name, count in replicas.items())
    maps = [manifest.object.name for manifest in state.manifests if manifest.object.kind == "ConfigMap"]
    if maps:
        yield f"configuration: {listed(maps)}"


def _chosen(plan: Plan) -> Iterator[str]:
    target = plan.target
    if target.then is None:
        return
    yield ""
    yield f"back to {target.then.commit[:9]} ({target.then.subject}): {target.reason}"
    for rung in plan.rungs:
        if rung.why_not:
            yield f"  not {rung.name}: {rung.why_not}"
    yield from (f"  {'asked' if caution.flag else 'note'}: {caution.text}" for caution in plan.cautions)


def _beside(rung: Rung) -> Iterator[str]:
    """Yields what a way leaves as it is, and whom else it reaches."""
    if rung.withheld:
        yield f"left as it is, since secrets are in it: {', '.join(rung.withheld)}; --include-secrets restores it"
    if rung.remaining and rung.name != EXACT:
        yield f"not as it was then: {listed(list(rung.remaining))}"
    if rung.others:
        yield f"changes, too: {', '.join(rung.others)}"
