"""Compares `gitopsmith diff` with the textual difference of two full renders, over real changes of real repositories.

    python bench/diff.py                 20 changes; exit code 1 when a difference is not what kustomize gives
    python bench/diff.py --all           36 changes

A change is the way from the files that a commit of fix-pairs.json left to those that the repository has today. Both
trees are rendered whole by kustomize itself, directory by directory, and compared object by object.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from bench import replays, repositories
from bench.figures import Costs, Figures

MOST_OF_ONE = {"dreamkast-infra": 13, "vixens": 4, "operate-first-apps": 3}
"""How many changes of a repository the default takes, so that its cost stays at some minutes."""
_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_HASH = re.compile(r"-[2456789bcdfghkmt]{10}$")
Pair = Mapping[str, Any]
Key = tuple[str, str, str, str]
Rendered = dict[str, dict[Key, str] | None]
"""The objects of each directory by group, kind, namespace and name; None for one that does not build."""


@dataclass(slots=True)
class Outcome:
    """What one change really changes, in how many directories and objects, and where ours says something else."""

    directories: int = 0
    objects: int = 0
    hidden: int = 0
    wrong: list[str] = field(default_factory=list)


def replay(corpora: Path, name: str, pairs: list[Pair], known: Mapping[str, Any], costs: Costs) -> Iterator[Outcome]:
    """Yields, for each commit, how ours tells the way from what it left to what the repository has today."""
    with tempfile.TemporaryDirectory(prefix="diff-") as folder:
        root = repositories.copy(
            corpora / name, Path(folder).resolve() / "repository", repositories.urls(corpora)[name]
        )
        today = git(root, "rev-parse", "HEAD").strip()
        with costs.stage("kustomize, everything"):
            new = render(root, known)
        roots = applied(root, new)
        for pair in pairs:
            _put(root, pair)
            before = _commit(root)
            with costs.stage("kustomize, everything"):
                old = render(root, known)
            with costs.stage("gitopsmith diff"):
                ours = ask(root, before, today)
            yield compare(ours, old, new, roots | applied(root, old))
            git(root, "reset", "--quiet", "--hard", today)


def _put(root: Path, pair: Pair) -> None:
    """Writes the files as the commit left them; what they name and is not there any more gets a stub."""
    for path, text in pair["files_fixed"].items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            place.unlink(missing_ok=True)
        else:
            place.write_bytes(text.encode("utf-8", "surrogateescape"))
    for path, text in replays.stubs(pair["exist_fixed"]).items():
        place = root / path
        if not place.parent.exists() or (path in pair["exist_fixed"] and not place.exists()):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)


def _commit(root: Path) -> str:
    repositories.git(root, "add", "--force", "--all")
    repositories.git(root, "commit", "--quiet", "--allow-empty", "--message=one side")
    return git(root, "rev-parse", "HEAD").strip()


def git(root: Path, *arguments: str) -> str:
    return subprocess.run(("git", *arguments), cwd=root, check=True, capture_output=True, text=True).stdout


def directories(root: Path) -> Iterator[str]:
    """Yields every directory that has a kustomization, by a walk of our own."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - {".git"})
        if set(_NAMES) & set(names):
            yield os.path.relpath(folder, root)


def render(root: Path, known: Mapping[str, Any]) -> Rendered:
    """Builds every directory with kustomize, but those that are known to need a network or a plugin."""
    undecidable = {row["dir"] for row in known["fail_dirs"] if row["class"] in {"remote", "helm", "plugin"}}
    names = [name for name in directories(root) if name not in undecidable]
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(names, pool.map(lambda name: _build(root / name), names), strict=True))


def _build(directory: Path) -> dict[Key, str] | None:
    try:
        done = subprocess.run(("kustomize", "build", str(directory)), capture_output=True, check=False, timeout=60)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode != 0:
        return None
    pieces = re.split(r"(?m)^---\n", done.stdout.decode("utf-8", "replace"))
    return {_key(yaml.load(piece, yaml.CBaseLoader)): piece for piece in pieces if piece.strip()}


def _key(body: Any) -> Key:
    metadata = body.get("metadata") or {}
    group = body["apiVersion"].rpartition("/")[0]
    return group, body["kind"], str(metadata.get("namespace") or ""), str(metadata.get("name") or "")


def applied(root: Path, rendered: Rendered) -> set[str]:
    """Returns the directories that an Application deploys, in a file or rendered, and those that nothing includes."""
    included, components = set(), set()
    for name in directories(root):
        for file in filter(Path.is_file, (root / name / one for one in _NAMES)):
            body = next(iter(_documents(file.read_text(errors="replace"))), {})
            components |= {name} if body.get("kind") == "Component" else set()
            entries = (body.get(key) or [] for key in ("resources", "bases", "components"))
            included |= {os.path.normpath(f"{name}/{entry}") for some in entries for entry in some}
    texts = [
        text
        for objects in rendered.values()
        for (_, kind, *_), text in (objects or {}).items()
        if kind == "Application"
    ]
    texts += [
        path.read_text(errors="replace") for path in root.rglob("*.yaml") if b"kind: Application" in path.read_bytes()
    ]
    named = {os.path.normpath(found.strip("\"'/")) for text in texts for found in re.findall(r"\bpath: *(\S+)", text)}
    return (set(rendered) & named) | (set(rendered) - included - components)


def _documents(text: str) -> list[dict[str, Any]]:
    try:
        return [body for body in yaml.load_all(text, yaml.CBaseLoader) if isinstance(body, dict)]
    except yaml.YAMLError:
        return []


def ask(root: Path, before: str, after: str) -> dict[str, Any]:
    """Returns what the program itself says."""
    command = (sys.executable, "-m", "gitopsmith", "diff", "--format", "json", before, after)
    done = subprocess.run(command, cwd=root, capture_output=True, check=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def compare(ours: Mapping[str, Any], old: Rendered, new: Rendered, roots: set[str]) -> Outcome:
    """Compares each delivery with the renders of its directories, and looks for directories that none tells of."""
    out = Outcome()
    told: set[str] = set()
    for delivery in ours["deliveries"]:
        told |= (entries := {os.path.normpath(build) for build in delivery["builds"]})
        if entries & (old.keys() | new.keys()) and not delivery["unverifiable"]:
            _compare(out, delivery, old, new)
    for entry in sorted(roots - told):
        before, after = old.get(entry, {}), new.get(entry, {})
        if (before is None) is not (after is None) or (before and after and dict(_expected(before, after))):
            out.wrong.append(f"{entry}: differs, and nothing says so")
    return out


def _compare(out: Outcome, delivery: Mapping[str, Any], old: Rendered, new: Rendered) -> None:
    """Compares one delivery: it may have come, gone, or moved, then its new directory stands before the old one."""
    builds = [os.path.normpath(build) for build in delivery["builds"]]
    before = {} if delivery["what"] == "added" else old.get(builds[-1])
    after = {} if delivery["what"] == "removed" else new.get(builds[0])
    if before is None or after is None:
        return
    expected = dict(_expected(before, after))
    found = {_named(one["object"]): one["diff"] for one in delivery["objects"]}
    out.directories += bool(expected)
    out.objects += len(expected)
    label = f"{delivery['label']} ({', '.join(builds)})"
    out.wrong += [f"{label}: {key} differs in one of both alone" for key in expected.keys() ^ found.keys()]
    for key in expected.keys() & found.keys():
        out.hidden += "***" in found[key]
        if "***" not in found[key] and found[key] != expected[key]:
            out.wrong.append(f"{label}: {key} differs otherwise")


def _named(one: Mapping[str, str]) -> Key:
    return one["apiVersion"].rpartition("/")[0], one["kind"], one["namespace"], one["name"]


def _expected(before: dict[Key, str], after: dict[Key, str]) -> Iterator[tuple[Key, str]]:
    """Yields each object that differs with its difference; a generated one is the same under another hash."""
    gone = {(*key[:3], _HASH.sub("", key[3])): key for key in before.keys() - after.keys() if _HASH.search(key[3])}
    renamed = {
        gone.get((*key[:3], _HASH.sub("", key[3])), key): key
        for key in after.keys() - before.keys()
        if _HASH.search(key[3])
    }
    for key in dict.fromkeys((*before, *after)):
        if key in renamed.values() and key not in renamed:
            continue
        now = renamed.get(key, key)
        one, other = before.get(key, ""), after.get(now, "")
        if one != other:
            lines = tuple(difflib.unified_diff(one.splitlines(), other.splitlines(), lineterm=""))[2:]
            yield now if now in after else key, "".join(f"{line}\n" for line in lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="?", type=Path, default=repositories.CORPORA)
    parser.add_argument("--all", action="store_true", help="every commit, and not only some of the big repositories")
    arguments = parser.parse_args()
    repositories.prefer_built_tools()
    truth = repositories.truth(arguments.corpora, "builds.json")["repos"]
    pairs = repositories.truth(arguments.corpora, "fix-pairs.json")
    show, costs, outcomes = Figures(), Costs(), []
    for name, most in MOST_OF_ONE.items():
        some = [pair for pair in pairs if pair["repo"] == name][: len(pairs) if arguments.all else most]
        for pair, out in zip(some, replay(arguments.corpora, name, some, truth[name], costs), strict=True):
            show.say(f"{name} {pair['fixed_commit'][:12]}: {out.objects} objects in {out.directories} builds differ")
            show.detail(out.wrong)
            outcomes.append(out)
    equal = sum(not out.wrong for out in outcomes)
    show.goal(
        "changes told as kustomize renders them", f"{equal} of {len(outcomes)}", "all", met=equal == len(outcomes)
    )
    objects, hidden = sum(out.objects for out in outcomes), sum(out.hidden for out in outcomes)
    show.say(f"{objects} objects differ, {hidden} of them with secrets hidden")
    show.detail([f"{stage:28}{cost}" for stage, cost in costs.stages.items()])
    return min(1, show.missed)


if __name__ == "__main__":
    sys.exit(main())
