"""A repository before and after an addition: written as a whole, and linted for what the addition brought."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from gitopsmith import answers, lint
from gitopsmith.finding import Failure, Report
from gitopsmith.generate.add.merging import Changes
from gitopsmith.generate.place import place


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done. ``report`` holds the findings that were not there before, None where nothing was written."""

    created: tuple[str, ...]
    changed: tuple[str, ...]
    notes: tuple[str, ...]
    report: Report | None


def find_root(folder: Path) -> Path:
    """Returns the generated repository that a folder is in. Raises Failure outside of one."""
    folder = folder.resolve()
    found = next((path for path in (folder, *folder.parents) if (path / answers.FILE_NAME).is_file()), None)
    if found is None:
        raise Failure(
            f"there is no {answers.FILE_NAME} in {folder} or above it: only a repository that `gitopsmith new` made"
            " can be added to"
        )
    return found


def put(root: Path, changes: Changes) -> Outcome:
    """Writes changes into a repository, all or none, and lints it before and after.

    Raises Failure, with nothing written, when it cannot be linted or written.
    """
    if not changes.files:
        return Outcome((), (), changes.notes, None)
    before = lint.lint(lint.Options(paths=(root,)))
    created = tuple(path for path in changes.files if not (root / path).exists())
    place(root, changes.files)
    after = lint.lint(lint.Options(paths=(root,)))
    known = {finding.fingerprint for finding in before.findings}
    new = tuple(finding for finding in after.findings if finding.fingerprint not in known)
    changed = tuple(path for path in changes.files if path not in created)
    return Outcome(created, changed, changes.notes, replace(after, findings=new))
