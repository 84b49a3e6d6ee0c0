"""Compares what the linter says of objects with what a real API server says: the truth for `validate`.

    python bench/admission.py                         the corpora and generated repositories; exit code 1 below the goal
    python bench/admission.py --repository NAME       one of them; may be repeated
    python bench/admission.py --mutants 2000          also with mistakes made on purpose: which of them lint sees
    python bench/admission.py --write answers.json    writes every object that they disagree about, to be read

Everything that a repository renders goes to the API server of a sandbox twice, as dry runs with strict field
validation: it is created, which is what Argo CD does with a new object by default, and it is applied by the server,
which is what it does under ServerSideApply. An object is good when both work. Definitions are the repository's own, as
for the linter, else those that the vendored schemas were made from.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from bench import cluster, definitions, generated, renders, repositories
from bench.cluster import Answer, Cluster
from bench.figures import Costs, Figures
from bench.mutants import Mutant, draw

from gitopsmith import documents, policy, sandbox, tree
from gitopsmith.asking import Program
from gitopsmith.evaluate.judge import weighed
from gitopsmith.manifest import Resource, text
from gitopsmith.policy import Policy
from gitopsmith.render import Bodies, Failed, directory, resources
from gitopsmith.tree import Tree
from gitopsmith.validate import EVALUATOR, Rules, Schemas
from gitopsmith.validate.schemas import without_sops

KUBERNETES = "1.37"
NAME = "admission"
CONNECTIONS = 6
GOAL = 0.995
RULES = frozenset({
    "container-name-duplicate", "env-name-duplicate", "list-key-duplicate", "progress-deadline-invalid",
    "selector-mismatch",
})  # fmt: skip
"""The policies that say of an object that the API server does not take it."""
EXPLAINED = Path(__file__).with_suffix(".yaml")


class Compared(NamedTuple):
    """One object, how often it was rendered, and what both say of it; ``told`` are messages of the linter."""

    body: dict[str, Any]
    directory: str
    times: int
    told: tuple[str, ...]
    answer: Answer

    @property
    def agree(self) -> bool:
        return self.answer.accepted == (not self.told)

    @property
    def side(self) -> str:
        return "accepted" if self.answer.accepted else "refused"

    @property
    def cause(self) -> str:
        """The disagreement's class: what is said of how many objects, without what is theirs alone."""
        kind = text(self.body, "kind")
        return f"{kind}: {generalised(self.told[0] if self.told else _refusal(self.answer.message))}"


class Explanation(NamedTuple):
    """Who is right about the disagreements whose side and class match, and why."""

    side: str
    pattern: str
    right: str
    why: str

    def fits(self, item: Compared) -> bool:
        return item.side == self.side and re.search(self.pattern, item.cause) is not None


@dataclass(slots=True)
class Seen:
    """What a repository renders: every object once, with where it was met first and how often."""

    bodies: dict[bytes, dict[str, Any]] = field(default_factory=dict)
    places: dict[bytes, str] = field(default_factory=dict)
    times: Counter[bytes] = field(default_factory=Counter)

    def add(self, digest: bytes, body: dict[str, Any], place: str) -> None:
        self.bodies.setdefault(digest, body)
        self.places.setdefault(digest, place)
        self.times[digest] += 1


def generalised(message: str) -> str:
    """Returns a message without names, values and numbers, so that those of one class are equal."""
    out = re.sub(r"\"[^\"]*\"|'[^']*'|`[^`]*`", "'...'", message)
    out = re.sub(r"\[[^\]]*\]", "[]", out)
    return re.sub(r"\d+", "N", out)[:200]


def _refusal(message: str) -> str:
    """Returns the first reason of a refusal, without the object's name."""
    found = re.search(r"is invalid: \[?(.*)", message, re.DOTALL)
    return (found[1] if found else message).split(", spec.", 1)[0].split(", metadata.", 1)[0]


def rendered(files: Tree, directories: Iterable[str]) -> Seen:
    """Renders directories, and opens lists as Argo CD does."""
    seen, bodies = Seen(), Bodies()
    for place, built in renders.render(files, directories):
        for digest, resource in resources(built, bodies) if not isinstance(built, Failed) else ():
            for index, body in enumerate(directory._objects(resource.body)):  # noqa: SLF001 - what Argo CD opens
                seen.add(digest + index.to_bytes(4), body, place)
    return seen


def applied(files: Tree, paths: Iterable[str], seen: Seen) -> Seen:
    """Adds the objects that lie in files as they are applied."""
    for path in paths:
        for index, resource in enumerate(directory.read(files, (path,))):
            seen.add(f"{path}#{index}".encode(), resource.body, path)
    return seen


@contextlib.contextmanager
def evaluated(schemas: Schemas) -> Iterator[Rules]:
    """Yields what evaluates the rules of definitions."""
    with contextlib.closing(Program(EVALUATOR, 60)) as program:
        yield Rules(schemas, program)


def told(schemas: Schemas, rules: Rules, policies: Iterable[Policy], body: dict[str, Any]) -> tuple[str, ...]:
    """Returns what the linter holds against an object that an API server would too."""
    resource = Resource(body)
    removed = schemas.removed(resource.api_version, resource.kind)
    violations = [
        f"{item.id}: {violation.message}"
        for item in policies
        if {resource.group_kind, "*"} & item.kinds and item.check is not None
        for violation in item.check(resource)
    ]
    held = weighed(body, schemas.check(body), rules)
    problems = [f"{problem.rule}: {_field(problem.route)}: {problem.message}" for problem in held]
    return (*([f"api-removed: {removed}"] if removed else []), *problems, *violations)


def _field(route: Iterable[str | int]) -> str:
    return ".".join("[]" if isinstance(step, int) else step for step in route)


def compare(at: Cluster, files: Tree, seen: Seen) -> list[Compared]:
    """Asks both about every object."""
    own = renders.definitions(files)
    schemas = Schemas(KUBERNETES, own)
    policies = [item for item in policy.load() if item.id in RULES]
    wanted = {_group_kind(body) for body in seen.bodies.values()}
    for line in at.install(definitions.chosen(own, wanted)):
        print(f"       not installed: {line}")
    at.make_namespaces({text(body, "metadata", "namespace") for body in seen.bodies.values()} - {""})
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        asked = pool.map(lambda body: at.ask(without_sops(body)), seen.bodies.values())
        answers = dict(zip(seen.bodies, asked, strict=True))
    with evaluated(schemas) as rules:
        return [
            Compared(
                body, seen.places[digest], seen.times[digest], told(schemas, rules, policies, body), answers[digest]
            )
            for digest, body in seen.bodies.items()
            if answers[digest].served or schemas.removed(body["apiVersion"], body["kind"])
        ]


@dataclass(slots=True)
class Tally:
    """What became of mutants: the classes of those that only one side refuses, and the kinds of the others."""

    accepted: int = 0
    caught: list[str] = field(default_factory=list)
    by_schema: int = 0
    missed: list[str] = field(default_factory=list)
    too_strict: list[str] = field(default_factory=list)

    def add(self, mutant: Mutant, told: tuple[str, ...], answer: Answer) -> None:
        item = Compared(mutant.body, mutant.place, 1, told, answer)
        if answer.accepted and told:
            self.too_strict.append(item.cause)
        elif answer.accepted:
            self.accepted += 1
        elif told:
            self.caught.append(item.cause)
            self.by_schema += any(line.startswith("schema-") for line in told)
        else:
            self.missed.append(f"{item.cause.split(':')[0]}: {generalised(_refusal(answer.message))}")


def judge_mutants(at: Cluster, drawn: Iterable[Mutant], tally: Tally) -> None:
    """Asks both about objects with a mistake."""
    schemas, policies = Schemas(KUBERNETES), [item for item in policy.load() if item.id in RULES]
    with ThreadPoolExecutor(CONNECTIONS) as pool, evaluated(schemas) as rules:
        asked = list(drawn)
        for mutant, answer in zip(asked, pool.map(lambda mutant: at.ask(mutant.body), asked), strict=True):
            tally.add(mutant, told(schemas, rules, policies, mutant.body), answer)


def _group_kind(body: dict[str, Any]) -> tuple[str, str]:
    return body["apiVersion"].rpartition("/")[0], body["kind"]


@dataclass(slots=True)
class Bench:
    """One run: what was compared, by the repository that it is from."""

    explanations: tuple[Explanation, ...]
    show: Figures = field(default_factory=Figures)
    costs: Costs = field(default_factory=Costs)
    compared: dict[str, list[Compared]] = field(default_factory=dict)
    apart: dict[str, Counter[str]] = field(default_factory=dict)
    count: int = 0
    """How many mutants each repository gives."""
    mutants: Tally = field(default_factory=Tally)

    def run(self, name: str, root: Path, directories: Iterable[str]) -> None:
        """Renders a repository, and has every object judged by both."""
        files = tree.open_tree(root)
        with self.costs.stage("render"):
            seen = rendered(files, directories)
        with self.costs.stage("start a sandbox"):
            at = cluster.start(NAME)
        try:
            with self.costs.stage("ask"):
                self.compared[name] = compare(at, files, seen)
            if self.count:
                with self.costs.stage("ask about mutants"):
                    good = [item.body for item in self.compared[name] if item.answer.accepted and not item.told]
                    known = (body for body in good if renders.is_core(body["apiVersion"], body["kind"]))
                    judge_mutants(at, draw(known, self.count), self.mutants)
        finally:
            at.close()
            sandbox.reset(NAME)
        judged = {id(item.body) for item in self.compared[name]}
        self.apart[name] = Counter(
            f"{body['apiVersion']} {body['kind']}" for body in seen.bodies.values() if id(body) not in judged
        )
        self._show(name)

    def explanation(self, item: Compared) -> Explanation | None:
        return next((found for found in self.explanations if found.fits(item)), None)

    def _show(self, name: str) -> None:
        items, apart = self.compared[name], self.apart[name]
        wrong = [item for item in items if not item.agree]
        refused = sum(not item.answer.accepted for item in items)
        self.show.say(
            f"{name}: {len(items)} objects ({sum(item.times for item in items)} rendered), {refused} refused by the "
            f"API server; {len(wrong)} disagreements; {apart.total()} of kinds that it has no definition of"
        )

    def report(self) -> None:
        """Prints the agreement, and every class of disagreement with who is right and why."""
        items = [item for found in self.compared.values() for item in found]
        wrong = [item for item in items if not item.agree]
        share = 1 - len(wrong) / max(1, len(items))
        self.show.goal(
            "agreement of the linter and the API server", f"{share:.2%} of {len(items)} objects", f"{GOAL:.1%}",
            met=share >= GOAL,
        )  # fmt: skip
        unknown = [item for item in wrong if self.explanation(item) is None]
        self.show.goal("disagreements that nobody explained", len(unknown), "0", met=not unknown)
        self.show.detail([f"{item.side}: {item.cause}" for item in unknown])
        for side, title in (("refused", "refused, and passed by lint"), ("accepted", "accepted, and not by lint")):
            here = [item for item in wrong if item.side == side]
            self.show.say(f"{title}: {len(here)}")
            for cause, count in Counter(item.cause for item in here).most_common():
                one = next(item for item in here if item.cause == cause)
                found = self.explanation(one)
                self.show.say(f"  {count:4} {cause}")
                self.show.say(f"       {f'{found.right} is right: {found.why}' if found else 'not explained'}")
        if self.count:
            self._show_mutants()
        for name, kinds in self.apart.items():
            told = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
            self.show.say(f"apart, {name}: {told or 'none'}")
        self.show.detail([f"{stage:32}{cost}" for stage, cost in self.costs.stages.items()])

    def _show_mutants(self) -> None:
        """Prints which mistakes the linter sees, and which are left to the cluster."""
        found = self.mutants
        refused = len(found.caught) + len(found.missed)
        self.show.say(
            f"mistakes made on purpose: the API server refuses {refused}; lint says so of {len(found.caught)}, "
            f"{len(found.caught) / max(1, refused):.1%} ({found.by_schema} by schemas alone); it accepts "
            f"{found.accepted + len(found.too_strict)}, of which lint refuses {len(found.too_strict)}"
        )
        for title, causes in (("accepted, and not by lint", found.too_strict), ("left to the cluster", found.missed)):
            self.show.say(f"mistakes {title}:")
            self.show.detail([f"{count:4} {cause}" for cause, count in Counter(causes).most_common()])

    def write(self, path: Path) -> None:
        """Writes the objects that both disagree about."""
        rows = [
            {
                "repository": name, "directory": item.directory, "side": item.side, "cause": item.cause,
                "told": item.told, "answer": item.answer._asdict(), "body": item.body,
            }
            for name, items in self.compared.items()
            for item in items
            if not item.agree
        ]  # fmt: skip
        path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def explanations(path: Path = EXPLAINED) -> tuple[Explanation, ...]:
    """Returns what people found out about disagreements, in the file's order."""
    entries: list[dict[str, str]] = documents.load(path.read_text(encoding="utf-8")) or []
    return tuple(Explanation(entry["side"], entry["class"], entry["right"], entry["why"]) for entry in entries)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="?", type=Path, default=repositories.CORPORA)
    parser.add_argument("--repository", action="append", help="only this one, or `generated`; may be repeated")
    parser.add_argument(
        "--mutants", type=int, default=0, help="also make this many mistakes in each repository's objects"
    )
    parser.add_argument("--write", type=Path, help="write the objects that both disagree about to this file")
    arguments = parser.parse_args()
    repositories.prefer_built_tools()
    truth = repositories.truth(arguments.corpora, "builds.json")["repos"]
    urls = repositories.urls(arguments.corpora)
    bench = Bench(explanations(), count=arguments.mutants)
    with tempfile.TemporaryDirectory(prefix="admission-") as folder:
        for name in arguments.repository or ("generated", *truth):
            if name == "generated":
                root = Path(folder) / name
                for number, (_, given) in enumerate(generated.answers()):
                    generated.make(root / str(number), given)
                bench.run(name, root.resolve(), generated.directories(root))
            else:
                root = repositories.copy(arguments.corpora / name, Path(folder) / name, urls[name])
                bench.run(name, root, truth[name]["ok_dirs"])
    bench.report()
    if arguments.write:
        bench.write(arguments.write)
    return min(1, bench.show.missed)


if __name__ == "__main__":
    sys.exit(main())
