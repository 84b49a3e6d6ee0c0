"""Environments by what folders are called: the stages that versions pass, and the names that they go by."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from gitopsmith.config import Environment

STAGES = (
    ("local", "sandbox", "playground"),
    ("dev", "devel", "develop", "development"),
    ("ci", "test", "testing", "integration"),
    ("qa", "uat", "acceptance"),
    ("stage", "stg", "staging", "preprod", "preproduction"),
    ("prod", "prd", "production"),
)
"""What folders of environments are called, in promotion order; the names of one stage are those of one environment."""
_STAGE_OF = {name: number for number, names in enumerate(STAGES) for name in names}
_LAST = len(STAGES) - 1
_HOLDING = frozenset({"overlays", "environments", "envs", "env", "stages"})
_SHARED = frozenset({"base", "bases", "common", "shared", "components", "default"})
_SEPARATOR = re.compile(r"[-_.]")


def environments(folders: Iterable[str], clusters: Iterable[str] = ()) -> tuple[Environment, ...]:
    """Returns the environments that folders are of, in promotion order; none where there is only one.

    A name counts beside those of other stages, or where environments lie, and not among folders of which most are
    called otherwise: an application may be called ``integration``. One that only begins or ends with a stage, such as
    ``prod-eu``, has to stand in several places where others are called by the stage alone.
    """
    folders = tuple(folders)
    counted = Counter(name for name in _named(folders) if name not in set(clusters))
    if counted.keys() & _STAGE_OF.keys():
        counted = Counter({name: count for name, count in counted.items() if name in _STAGE_OF or count > 1})
    groups: dict[tuple[int, str], list[str]] = defaultdict(list)
    for name in counted:
        groups[_stage(name), "" if name in _STAGE_OF else name].append(name)
    made = []
    for (stage, _), names in sorted(groups.items()):
        known = sorted(names, key=lambda name: (-counted[name], name))
        paths = tuple(path for name in known for path in paths_of(name, folders))
        made.append(Environment(known[0], paths, "", stage == _LAST))
    return tuple(made) if len(made) > 1 else ()


def paths_of(name: str, folders: Iterable[str]) -> Iterator[str]:
    """Yields the globs that hold what lies in folders of a name: at the root, and anywhere below."""
    parts = [folder.split("/") for folder in folders]
    if any(part[0] == name for part in parts):
        yield name
    if any(name in part[1:] for part in parts):
        yield f"*/{name}"


def _stage(name: str) -> int:
    """Returns the number of the stage that a name is, begins or ends with; -1 where that is none, or two."""
    words = _SEPARATOR.split(name)
    spoken = {_STAGE_OF[word] for word in (name, words[0], words[-1]) if word in _STAGE_OF}
    return spoken.pop() if len(spoken) == 1 else -1


def _named(folders: Iterable[str]) -> Iterator[str]:
    """Yields the names of folders that are environments, once for each folder that holds one."""
    beside: dict[str, set[str]] = defaultdict(set)
    for folder in folders:
        parts = folder.split("/")
        for depth, name in enumerate(parts):
            beside["/".join(parts[:depth])].add(name)
    for parent, names in beside.items():
        speaking = {name for name in names if _stage(name) >= 0}
        others = len(names - _SHARED) - len(speaking)
        stages = {_stage(name) for name in speaking}
        holds = len(stages) > 1 or bool(names & {"base", "bases"}) or parent.rpartition("/")[2] in _HOLDING
        if holds and others <= len(speaking):
            plain = {name for name in speaking if name in _STAGE_OF}
            yield from sorted(speaking if len(stages) > 1 else plain)
