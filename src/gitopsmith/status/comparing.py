"""Puts what the cluster says beside what git says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gitopsmith.application import Application
from gitopsmith.argocd.urls import normalized
from gitopsmith.live import Seen
from gitopsmith.states import State
from gitopsmith.status.counting import count
from gitopsmith.status.model import Deployment, Row, Status
from gitopsmith.status.written import Written


def compare(
    written: Written, seen: Iterable[Seen] | None, access: str = "", environment: str = "", notes: tuple[str, ...] = ()
) -> Status:
    """Returns the rows of what is in git, then of what is only in the cluster; ``seen`` is None for no cluster.

    With an environment, that alone. Of what is only in the cluster, what is built from another repository is left out.
    """
    known = None if seen is None else {(one.namespace, one.name): one for one in seen}
    rows = [_placed(written, state, known) for state in written.states if state.place]
    if not environment:
        rows += _elsewhere(written, known, {(row.namespace, row.name) for row in rows})
    counts = count(written, [row for row in rows if row.seen]) if known is not None else None
    said = (*written.notes, *notes)
    if counts is None:
        return Status(written.tip, written.branch, tuple(rows), notes=said)
    return Status(written.tip, written.branch, tuple(rows), access, counts, said)


def _placed(written: Written, state: State, known: dict[tuple[str, str], Seen] | None) -> Row:
    """Returns the row of an application in an environment."""
    place = state.place
    assert place is not None
    application = place.application
    seen = known.get(application.key) if known is not None else None
    paths, revision = written.paths(state), _revision(application, seen)
    follows = _follows(written, application)
    return Row(
        place.app,
        place.environment.name,
        *application.key,
        is_protected=place.environment.protected,
        is_asked=known is not None,
        git=written.last(paths),
        synced=written.last(paths, revision) if revision else None,
        behind=written.lacking(paths, revision) if revision and not follows else None,
        follows=follows,
        images=tuple(dict.fromkeys(filter(None, state.images.values()))),
        failure=state.failure,
        seen=seen,
        deployed=_deployed(written, application, seen) if known is not None else _changed(written, paths),
    )


def _elsewhere(
    written: Written, known: dict[tuple[str, str], Seen] | None, shown: set[tuple[str, str]]
) -> Iterator[Row]:
    """Yields what belongs to no environment, and what is built from this repository and is not in git."""
    here = {application.key: application for application in written.applications}
    for key, application in here.items():
        if key not in shown and known is not None:
            seen = known.get(key)
            deployed = _deployed(written, application, seen)
            yield Row(application.name, "", *key, is_asked=True, seen=seen, deployed=deployed)
    own = {normalized(source.repo_url) for one in here.values() for source in one.sources if source.own}
    for key, seen in sorted((known or {}).items()):
        if key not in here and any(normalized(url) in own for url, _ in seen.sources):
            yield Row(seen.name, "", *key, is_in_git=False, is_asked=True, seen=seen)


def _revision(application: Application, seen: Seen | None) -> str:
    """Returns the commit of this repository that the cluster is compared with."""
    return _own(application, seen.revisions) if seen is not None else ""


def _own(application: Application, revisions: tuple[str, ...]) -> str:
    """Returns the first revision, of one for each source, that is of this repository."""
    own = [number for number, source in enumerate(application.sources) if source.own]
    return next((revisions[number] for number in own if number < len(revisions)), "")


def _follows(written: Written, application: Application) -> str:
    """Returns the tag or other branch that an application follows in place of the branch."""
    wanted = [source.target_revision for source in application.sources if source.own]
    return next((one for one in wanted if one not in {"", "HEAD", written.branch}), "")


def _deployed(written: Written, application: Application, seen: Seen | None) -> Deployment | None:
    if seen is None or not seen.history:
        return None
    last = seen.history[-1]
    commit = _own(application, last.revisions)
    logged = written.commit(commit)
    return Deployment(last.when, last.user or (logged.author if logged else ""), commit, last.is_automated)


def _changed(written: Written, paths: frozenset[str]) -> Deployment | None:
    logged = written.last(paths)
    return Deployment(logged.when, logged.author, logged.commit) if logged else None
