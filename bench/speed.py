"""Measures what the program costs against what it is compared with, in pairs: A B A B in one run, on one machine.

    python bench/speed.py                                every row, on the three large repositories
    python bench/speed.py --rows 1 --repeat 10           some rows (1,2), more pairs
    python bench/speed.py --repository vixens            one repository; may be repeated

1  start: ``gitopsmith --version`` and ``lint`` of one manifest, against ``-c pass`` of the same interpreter
2  parse and validate rendered objects, against kubeconform -strict on the same files with the same schemas
3  a whole lint run without its renderer (CPU of its own process), against kubeconform on what that run renders
4  a whole lint run, against a loop over the directories: kustomize, kubeconform, kube-linter, and gitleaks once, two
   directories at a time; a tool that is not there is left out, which makes the loop faster and the ratio stricter
5  a whole lint run with kustomize's library, against ``kube-linter lint`` of the folder where that is there, which
   renders in one process too but validates nothing; and beside the library alone, building what that run builds

Rows 3 and 4 render with the kustomize program. CPU is user and system time of a process and all that it waited for;
ratios are medians of pairs. CPU counts, the clock depends on what else the machine does. The programs come from
``.tools/bin`` or PATH, for gitleaks: ``GOBIN=$PWD/.tools/bin go install github.com/zricethezav/gitleaks/v8@v8.30.1``.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from bench import renders, repositories, watch
from bench.figures import Costs, Figures
from bench.repositories import KUBERNETES

from gitopsmith import documents, evaluate, tools, tree
from gitopsmith.graph import Graph
from gitopsmith.manifest import is_object
from gitopsmith.render import Bodies, Failed, Rendered, kustomize, library
from gitopsmith.validate import Schemas

REPOSITORIES = ("vixens", "operate-first-apps", "infra-deployments")
BIGGEST = {"infra-deployments": 300}
"""Builds that are taken from a repository, those with the most objects; of the others all."""
STARTS = 10
"""Pairs of runs that take milliseconds, for each pair of the others."""
_PROGRAM = {"GITOPSMITH_HELPER": ""}
"""The environment in which kustomize's library is not there."""
_LAYOUT = "{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"
_OWN_CPU = """\
import resource, sys
from gitopsmith.cli import main
main(sys.argv[2:])
own = resource.getrusage(resource.RUSAGE_SELF)
open(sys.argv[1], "w").write(str(own.ru_utime + own.ru_stime))
"""


class Run(NamedTuple):
    """Seconds that one run took."""

    cpu: float
    wall: float


def measure(command: Iterable[str], **options: Any) -> Run:
    """Runs a program to its end; its output and its exit code do not matter."""
    started = time.perf_counter()
    process = subprocess.Popen(tuple(command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Run(used.ru_utime + used.ru_stime, time.perf_counter() - started)


@dataclass(slots=True)
class Pairs:
    """Runs of ours and of theirs, one after the other."""

    ours: list[Run]
    theirs: list[Run]

    def ratio(self) -> Run:
        pairs = list(zip(self.ours, self.theirs, strict=True))
        return Run(
            statistics.median(a.cpu / b.cpu for a, b in pairs), statistics.median(a.wall / b.wall for a, b in pairs)
        )

    def told(self, runs: list[Run]) -> str:
        return f"{statistics.median(run.cpu for run in runs):.3f} / {statistics.median(run.wall for run in runs):.3f}"


def paired(ours: Callable[[], Run], theirs: Callable[[], Run], repeat: int) -> Pairs:
    """Runs both in turns."""
    pairs = Pairs([], [])
    for _ in range(repeat):
        pairs.ours.append(ours())
        pairs.theirs.append(theirs())
    return pairs


def show(figures: Figures, name: str, pairs: Pairs, budget: float, *, wall: bool = False) -> None:
    """Prints a row: medians of seconds and of ratios, CPU / wall."""
    cpu, clock = pairs.ratio()
    figures.goal(
        name,
        f"{cpu:.2f} CPU, {clock:.2f} wall; ours {pairs.told(pairs.ours)} s, theirs {pairs.told(pairs.theirs)} s",
        f"at most {budget:g} CPU{' and wall' if wall else ''}",
        met=cpu <= budget and (clock <= budget or not wall),
    )


@dataclass(slots=True)
class Prepared:
    """One repository, ready for the rows.

    ``rendered`` are its builds, ``vendored`` the schemas for them that are shipped; ``linted`` is what a lint run
    renders, ``schemas`` are those of the repository too.
    """

    name: str
    root: Path
    directories: list[str]
    rendered: Path
    vendored: Path
    linted: Path
    schemas: Path
    builds: list[str]


def prepare(name: str, folder: Path) -> Prepared:
    """Copies a repository out, renders what the rows need, and writes the schemas as kubeconform reads them."""
    root = repositories.copy(repositories.CORPORA / name, folder / name, repositories.urls()[name])
    known = repositories.truth(repositories.CORPORA, "builds.json")["repos"][name]
    components = set(known["components"])
    sizes = {directory: count for directory, count in known["ok_dirs"].items() if directory not in components}
    failing = [row["dir"] for row in known["fail_dirs"] if row["class"] != "remote" and row["dir"] not in components]
    biggest = sorted(sizes, key=lambda directory: (-sizes[directory], directory))[: BIGGEST.get(name)]
    graph = watch.lint(root, Costs()).graph
    builds = [build.entry for build, result in graph.results.items() if _is_rendered(build.type, result.failure)]
    files, space = tree.open_tree(root), folder / f"{name}-files"
    rendered, linted = space / "rendered", space / "linted"
    write(rendered, dict(renders.render(files, biggest)))
    write(linted, dict(renders.render(files, builds)))
    copy_directories(linted, files, graph)
    whole = Schemas(KUBERNETES, renders.definitions(files))
    schemas = write_schemas(space / "schemas", whole, kinds_in(rendered) | kinds_in(linted))
    vendored = write_schemas(space / "vendored", Schemas(KUBERNETES), kinds_in(rendered))
    loop = biggest if name in BIGGEST else sorted({*biggest, *failing})
    return Prepared(name, root, loop, rendered, vendored, linted, schemas, builds)


def _is_rendered(kind: str, failure: Failed | None) -> bool:
    return kind == "kustomize" and failure is None


def write(folder: Path, builds: dict[str, tuple[Rendered, ...] | Failed]) -> None:
    folder.mkdir(parents=True)
    for number, rendered in enumerate(builds.values()):
        text = renders.text(rendered)
        if text:
            (folder / f"{number:04}.yaml").write_bytes(text)


def copy_directories(folder: Path, files: tree.Tree, graph: Graph) -> None:
    """Adds the files of the sources that Argo CD reads without kustomize."""
    plain = [build for build in graph.results if build.type in {"directory", "file"}]
    paths = dict.fromkeys(path for build in plain for path in evaluate.files_of(files, build))
    for number, path in enumerate(paths):
        shutil.copyfile(files.root / path, folder / f"plain-{number:04}.yaml")


def kinds_in(folder: Path) -> set[tuple[str, str]]:
    """Returns apiVersion and kind of all objects in rendered files."""
    bodies = Bodies()
    return {
        (body["apiVersion"], body["kind"])
        for path in folder.iterdir()
        for piece in documents.split(path.read_text(encoding="utf-8", errors="surrogateescape"))
        if is_object(body := bodies.parse(piece)[1])
    }


def write_schemas(folder: Path, schemas: Schemas, kinds: Iterable[tuple[str, str]]) -> Path:
    """Writes the schemas of some kinds where kubeconform looks for them."""
    for api_version, kind in sorted(kinds):
        schema = schemas.schema(api_version, kind)
        if schema is not None:
            group, _, version = api_version.rpartition("/")
            path = folder / (group or version) / f"{kind.lower()}_{version}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(schema, encoding="utf-8")
    return folder


def kubeconform(schemas: Path, *targets: str) -> tuple[str, ...]:
    return (
        tool("kubeconform"), "-strict", "-summary", "-output", "json", "-ignore-missing-schemas",
        "-kubernetes-version", f"{KUBERNETES}.0", "-schema-location", f"{schemas}/{_LAYOUT}", *targets,
    )  # fmt: skip


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise SystemExit(f"{name} is needed: run `make tools` or put it on PATH")
    return found


def console_script() -> str:
    script = Path(sys.executable).with_name("gitopsmith")
    if not script.is_file():
        raise SystemExit(
            f"{sys.executable} has no gitopsmith beside it: run this with the .venv that `make quick` makes"
        )
    return str(script)


def start(figures: Figures, folder: Path, repeat: int) -> None:
    """Row 1."""
    script, manifest = console_script(), folder / "one.yaml"
    manifest.write_text("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\ndata:\n  a: b\n", encoding="utf-8")

    def bare() -> Run:
        return measure((sys.executable, "-c", "pass"))

    measure((script, "--version"))  # writes bytecode, which every later start reads
    measure((script, "lint", str(manifest)))
    version = paired(lambda: measure((script, "--version")), bare, repeat * STARTS)
    show(figures, "1 start, --version", version, 4)
    one = paired(lambda: measure((script, "lint", str(manifest))), bare, repeat * STARTS)
    show(figures, "1 start, lint of one manifest", one, 6)


def validation(figures: Figures, ready: Prepared, repeat: int) -> None:
    """Row 2."""
    ours = (sys.executable, str(Path(__file__).with_name("validate_files.py")), str(ready.rendered), KUBERNETES)
    theirs = kubeconform(ready.vendored, str(ready.rendered))
    pairs = paired(lambda: measure(ours), lambda: measure(theirs), repeat)
    count = len(list(ready.rendered.iterdir()))
    show(figures, f"2 parse and validate, {ready.name} ({count} files)", pairs, 0.6)
    figures.say(f"  ours: {_output(ours)}; theirs: {json.loads(_output(theirs))['summary']}")


def _output(command: Iterable[str]) -> str:
    return subprocess.run(tuple(command), check=False, capture_output=True, text=True).stdout.strip()


def own_work(figures: Figures, ready: Prepared, repeat: int) -> None:
    """Row 3."""
    note = ready.schemas.with_name("own-cpu")
    command = (sys.executable, "-c", _OWN_CPU, str(note), *lint_arguments(ready))

    def ours() -> Run:
        wall = measure(command, env=os.environ | _PROGRAM).wall
        return Run(float(note.read_text(encoding="utf-8")), wall)

    theirs = kubeconform(ready.schemas, str(ready.linted))
    pairs = paired(ours, lambda: measure(theirs), repeat)
    count = len(list(ready.linted.iterdir()))
    show(
        figures,
        f"3 all but rendering, {ready.name} (what lint renders, {count} files; wall with rendering)",
        pairs,
        1.5,
    )


def lint_arguments(ready: Prepared) -> tuple[str, ...]:
    return "lint", str(ready.root), "--isolated", "--kubernetes-version", KUBERNETES


def whole(figures: Figures, ready: Prepared, repeat: int) -> None:
    """Row 4, twice: the loop over every directory that builds offline, and over what the linter renders."""
    command = (console_script(), *lint_arguments(ready))
    programs = [name for name in ("kustomize", "kubeconform", "kube-linter", "gitleaks") if shutil.which(name)]
    for what, directories in (("every directory", ready.directories), ("the builds of lint", ready.builds)):
        script = loop(ready, directories, programs)
        ours = partial(measure, command, env=os.environ | _PROGRAM)
        pairs = paired(ours, partial(measure, script, cwd=ready.root), repeat)
        name = f"4 whole run, {ready.name}, loop of {', '.join(programs)} over {what} ({len(directories)})"
        show(figures, name, pairs, 0.6, wall=True)


def quick(figures: Figures, ready: Prepared, repeat: int) -> None:
    """Row 5."""
    if tools.find_helper(library.PROGRAM) is None:
        figures.say(f"5 whole run with kustomize's library: needs {library.PROGRAM}, which `make tools` builds")
        return
    ours = partial(measure, (console_script(), *lint_arguments(ready)))
    name = f"5 whole run with kustomize's library, {ready.name}"
    if shutil.which("kube-linter"):
        pairs = paired(ours, partial(measure, ("kube-linter", "lint", str(ready.root))), repeat)
        show(figures, f"{name}, kube-linter of the folder", pairs, 1)
    builder = Path(__file__).with_name("build_alone.py")
    directories = ready.schemas.with_name("to-build")
    directories.write_text("".join(f"{ready.root / build}\n" for build in ready.builds), encoding="utf-8")
    pairs = paired(ours, partial(measure, (sys.executable, str(builder), str(directories))), repeat)
    cpu, alone = pairs.told(pairs.ours), pairs.told(pairs.theirs)
    figures.say(
        f"{name}: {cpu} s; the library alone ({len(ready.builds)} builds) {alone} s, {pairs.ratio().cpu:.2f} CPU"
    )


def loop(ready: Prepared, directories: Iterable[str], programs: list[str]) -> tuple[str, ...]:
    """Writes what a newcomer runs over a list of directories, two at a time; returns the command."""
    folder = ready.schemas.parent
    one, listed = folder / "one", folder / "directories"
    listed.write_text("".join(f"{directory or '.'}\n" for directory in directories), encoding="utf-8")
    lines = ["#!/bin/sh", "out=$(mktemp)", 'kustomize build "$1" >"$out" 2>/dev/null']
    lines += [f'[ -s "$out" ] && {shlex.join(kubeconform(ready.schemas))} "$out"']
    lines += ['[ -s "$out" ] && kube-linter lint "$out"'] if "kube-linter" in programs else []
    one.write_text("\n".join([*lines, 'rm -f "$out"', "exit 0", ""]), encoding="utf-8")
    one.chmod(0o755)
    scan = f"; gitleaks dir {shlex.quote(str(ready.root))} --no-banner" if "gitleaks" in programs else ""
    return "sh", "-c", f"xargs -P2 -n1 {shlex.quote(str(one))} <{shlex.quote(str(listed))}{scan}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repository", action="append", help="only this one; may be repeated")
    parser.add_argument("--rows", default="1,2,3,4,5", help="which rows, such as 1,2")
    parser.add_argument("--repeat", type=int, default=3, help="pairs for each figure")
    arguments = parser.parse_args()
    repositories.prefer_built_tools()
    figures, rows = Figures(), set(arguments.rows.split(","))
    figures.say(f"rendered by {kustomize.find_renderer()}; {sys.executable} {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory(prefix="speed-") as name:
        folder = Path(name).resolve()
        if "1" in rows:
            start(figures, folder, arguments.repeat)
        for repository in arguments.repository or REPOSITORIES if rows - {"1"} else ():
            ready = prepare(repository, folder)
            for row, work in (("2", validation), ("3", own_work), ("4", whole), ("5", quick)):
                if row in rows:
                    work(figures, ready, arguments.repeat)
            shutil.rmtree(ready.root)
    return min(1, figures.missed)


if __name__ == "__main__":
    sys.exit(main())
