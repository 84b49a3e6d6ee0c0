"""Asks Argo CD's own code what projects permit, by questions drawn at random, and compares with what we answer.

    python bench/permits.py                  150,000 questions; exit code 1 when an answer differs
    python bench/permits.py --seed 3         other questions
    python bench/permits.py --program FILE   takes a program that was built before from permits.go

The program is built from the modules of the sandbox, which takes some minutes the first time.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from bench.figures import Figures

from gitopsmith import content
from gitopsmith.argocd import globs, projects, urls
from gitopsmith.argocd.projects import Target
from gitopsmith.sandbox import programs

Question = dict[str, Any]
LETTERS, TEXTS = "ab/*?[]{},!-\\.", "ab/.-,!]"
PARTS = (
    *("https://", "http://", "ssh://", "oci://", "file:", "git@", "user:pw@", "host", "git.example.com", ":", ":22"),
    *("/", "//", "team", "Fleet", ".git", "*", "**", "?", "{a,b}", "[ab]", "!", "@", "..", " ", '"', "<", "~", "a=b&c"),
    *("|", "\\", "$", "(", "'", ";", "^"),
)
SOURCES = (
    *("*", "**", "!*", "", "https://git.example.com/*", "https://git.example.com/team/*", "https://git.example.com/**"),
    *("!https://git.example.com/team/secret*", "git@git.example.com:team/*", "https://git.example.com/{team,other}/*"),
    *("ssh://git@git.example.com/team/fleet", "https://*.example.com/team/fleet.git", "registry.example.com/charts"),
    *("oci://registry.example.com/*", "https://git.example.com/[a-t]*/fleet"),
)
URLS = (
    *("https://git.example.com/team/fleet.git", "https://GIT.example.com/team/fleet", "git@git.example.com:team/fleet"),
    *("https://git.example.com/team/secret", "ssh://git@git.example.com/team/fleet", "registry.example.com/charts"),
    *("oci://registry.example.com/charts", "https://git.example.com/a/b/c", "ssh://git@git.example.com:team/fleet"),
)
SERVERS = ("https://kubernetes.default.svc", "https://prod.example.com", "https://other.org")
SERVER_PATTERNS = ("", "*", *SERVERS, "!https://prod.example.com", "https://*.example.com", "!https://*")
NAME_PATTERNS = ("", "*", "in-cluster", "prod", "!prod", "pr*", "!*")
NAMESPACE_PATTERNS = ("", "*", "web", "web-*", "!kube-system", "!web", "{web,shop}", "kube-*")
KINDS = ("*", "Name*", "Namespace", "ClusterRole", "[A-M]*", "[^A-M]*", "?amespace", "", "\\Namespace", "[", "N[a-")
GROUPS = ("*", "", "apps", "rbac.authorization.k8s.io", "*.k8s.io", "[a-b]*")
HOMES = ("team-*", "/team-.*/", "/^((?!web).)*$/", "web", "*", "/", "//", "/a/", "/[/", "!web", "{a,b}")


def asked(draw: random.Random) -> Iterator[tuple[Question, object]]:
    """Yields questions with our answers, None where we leave one open."""
    for _ in range(20_000):
        pattern = "".join(draw.choices(LETTERS, k=draw.randint(0, 7)))
        value = "".join(draw.choices(TEXTS, k=draw.randint(0, 5)))
        for about, separators in (("glob", ""), ("glob with separators", "/")):
            found = globs.glob(pattern, separators).match(value) is not None
            yield {"about": about, "pattern": pattern, "value": value}, found
        url = "".join(draw.choices(PARTS, k=draw.randint(0, 7)))
        yield {"about": "url", "value": url}, urls.normalized(url)
        yield _kind(draw)
    for _ in range(5_000):
        spec = {"sourceRepos": draw.sample(SOURCES, draw.randint(0, 4))}
        url = draw.choice(URLS)
        yield {"about": "source", "spec": spec, "value": url}, projects.permits_source(_project(spec), url)
        spec = {"sourceNamespaces": draw.sample(HOMES, draw.randint(0, 3))}
        home = draw.choice(("", "argocd", "team-a", "web", "a", "xteam-ax"))
        found_home = projects.permits_application_in(_project(spec), home, "argocd")
        yield {"about": "namespace", "spec": spec, "namespace": home}, found_home
    for _ in range(25_000):
        yield from _destinations(draw)


def _project(spec: dict[str, Any]) -> projects.Project:
    return projects.read({"spec": spec})


def _kind(draw: random.Random) -> tuple[Question, object]:
    def entries(*names: str) -> list[dict[str, str]]:
        some = range(draw.randint(0, 2))
        named = [{"name": draw.choice(names)} if names else {} for _ in some]
        return [{"group": draw.choice(GROUPS), "kind": draw.choice(KINDS), **name} for name in named]

    names = ("", "*", "team-*", "web", "[!a]*")
    lists = {
        "clusterResourceWhitelist": entries(*names),
        "clusterResourceBlacklist": entries(*names),
        "namespaceResourceWhitelist": entries(),
        "namespaceResourceBlacklist": entries(),
    }
    spec = {field: entry for field, entry in lists.items() if draw.random() < 0.7}
    group = draw.choice(("", "apps", "rbac.authorization.k8s.io", "x.k8s.io"))
    kind, name = draw.choice(("Namespace", "ClusterRole", "Deployment")), draw.choice(("", "team-a", "web", "!x"))
    namespaced = draw.random() < 0.5
    question = {"about": "kind", "spec": spec, "group": group, "kind": kind, "name": name, "namespaced": namespaced}
    return question, projects.permits_kind(_project(spec), group, kind, name, namespaced=namespaced)


def _destinations(draw: random.Random) -> Iterator[tuple[Question, object]]:
    """Yields one question three times: with all that Argo CD knows of the cluster, and with what git may tell of it."""
    patterns = {"server": SERVER_PATTERNS, "name": NAME_PATTERNS, "namespace": NAMESPACE_PATTERNS}
    items = [{field: draw.choice(of) for field, of in patterns.items()} for _ in range(draw.randint(0, 3))]
    spec = {"destinations": items}
    server, name = draw.choice(SERVERS), draw.choice(("in-cluster", "prod", "web", ""))
    namespace = draw.choice(("", "web", "web-1", "kube-system", "shop"))
    question = {"about": "destination", "spec": spec, "server": server, "name": name, "namespace": namespace}
    known = [Target(server, None, namespace)]
    known += [Target(server, name, namespace), Target(None, name, namespace)] if name else []
    yield from ((question, projects.permits_destination(_project(spec), target)) for target in known)


def built(folder: Path) -> Path:
    """Builds the program that asks Argo CD."""
    for name in ("go.mod", "go.sum"):
        shutil.copyfile(content.SANDBOX / name, folder / name)
    shutil.copyfile(Path(__file__).with_suffix(".go"), folder / "main.go")
    environment = os.environ | {"GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
    command = (programs.find_go(), "build", "-mod=mod", "-o", "permits", ".")
    subprocess.run(command, cwd=folder, env=environment, check=True)
    return folder / "permits"


def compare(program: Path, seed: int, figures: Figures) -> None:
    every = list(asked(random.Random(seed)))
    decided = [(question, ours) for question, ours in every if ours is not None]
    told = json.dumps([question for question, _ in decided])
    done = subprocess.run((program,), input=told, text=True, capture_output=True, check=True)
    theirs = json.loads(done.stdout)
    wrong = [(question, ours, other) for (question, ours), other in zip(decided, theirs, strict=True) if ours != other]
    for about, count in Counter(question["about"] for question, _ in decided).items():
        figures.say(f"{about:22}{count:8} answered")
    left = (len(every) - len(decided)) / len(every)
    figures.goal("questions left open, since git does not tell", f"{left:.1%} of {len(every)}", "10 %", met=left <= 0.1)
    figures.goal("answers that differ from Argo CD's", f"{len(wrong)} of {len(decided)}", "0", met=not wrong)
    figures.detail([json.dumps(row) for row in wrong])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--program", type=Path, help="built before from permits.go")
    arguments = parser.parse_args()
    figures = Figures()
    with tempfile.TemporaryDirectory() as folder:
        compare(arguments.program or built(Path(folder)), arguments.seed, figures)
    return min(1, figures.missed)


if __name__ == "__main__":
    sys.exit(main())
