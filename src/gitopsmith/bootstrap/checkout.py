"""Whether Argo CD will find in the remote repository what lies here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gitopsmith import git, tools
from gitopsmith.answers import Answers
from gitopsmith.bootstrap import access
from gitopsmith.bootstrap.checks import Check, failed, passed
from gitopsmith.bootstrap.credential import VARIABLES, Credential, from_environment
from gitopsmith.finding import Failure
from gitopsmith.git import Branch

_SHOWN = 3


def work_tree(root: Path) -> Check:
    """Checks that this is the top of a git work tree, and that everything in it is committed."""
    top = git.toplevel(root)
    if top is None:
        return failed("work tree", f"{root} is no git work tree; Argo CD reads from git: commit and push first")
    if top.resolve() != root.resolve():
        return failed(
            "work tree", f"{root} is not the top of its git work tree, {top}; Argo CD's paths begin at the top"
        )
    if not git.commit(root):
        return failed("work tree", "nothing is committed yet; run git add --all, git commit, git push")
    changed = git.uncommitted(root)
    if changed:
        names = ", ".join(changed[:_SHOWN]) + (f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else "")
        return failed("work tree", f"{names} not committed; Argo CD sees only what is committed and pushed")
    return passed("work tree", f"{git.commit(root)[:12]}, everything committed")


def credential(
    given: Answers, environment: Mapping[str, str], stored: Credential | None
) -> tuple[Check, Credential | None]:
    """Finds the credential: in the environment, else in the cluster, where an earlier run has put it."""
    if given.credential == "none":
        return passed("credential", "none: the repository is read without one"), None
    try:
        found = from_environment(given.credential, given.repo_url, environment) or stored
    except Failure as error:
        return failed("credential", error), None
    if found is None:
        names = " and ".join(VARIABLES[given.credential])
        return failed(
            "credential", f"set {names} in the environment: Argo CD reads the repository by {given.credential}"
        ), None
    return passed("credential", f"{given.credential} from {found.source}"), found


def remote(root: Path, given: Answers, found: Credential | None, known_hosts: str) -> Check:
    """Asks the repository with Argo CD's credential for the branch, and compares it with what is committed here."""
    url = given.repo_url
    if found is not None and found.kind == "deploy-key" and found.key_file is None:
        said = access.ask_as_user(url, given.branch)
        note = " (asked as you: the deploy key in the cluster is not read back)"
    else:
        note = ""
        try:
            said = access.ask(url, given.branch, found, known_hosts)
        except (Failure, tools.Missing) as error:
            return failed("repository", error)
    if said.complaint:
        who = f"with the {found.kind} from {found.source}" if found else "without a credential"
        return failed("repository", f"{url} cannot be read {who}{note}:\n{said.complaint}{_advice(said, found)}")
    return _compared(root, given, said.commit, note)


def _advice(said: Branch, found: Credential | None) -> str:
    if "Host key verification failed" in said.complaint:
        return (
            "\nArgo CD knows only the hosts in argocd-ssh-known-hosts-cm: add this one by a patch in bootstrap/argocd"
        )
    if found is None:
        return "\nif it is private, say so: the answer `credential` in .gitopsmith/answers.yaml is none"
    return ""


def _compared(root: Path, given: Answers, there: str, note: str) -> Check:
    here, branch = git.commit(root), given.branch
    push = f"git push {given.repo_url} HEAD:{branch}"
    if not there:
        return failed("repository", f"{given.repo_url} has no branch {branch!r}; run {push}")
    if there == here:
        return passed("repository", f"{given.repo_url} has {here[:12]} on {branch}{note}")
    if not git.commit(root, there):
        return failed("repository", f"{branch} is at {there[:12]} there, which is not here; run git pull")
    ahead, behind = git.distance(root, there, here), git.distance(root, here, there)
    if not ahead:
        return failed("repository", f"{branch} has {_commits(behind)} that what lies here has not; run git pull")
    if behind:
        return failed(
            "repository", f"{branch} has {_commits(behind)} of its own, and there are {ahead} here; merge them"
        )
    return failed("repository", f"{_commits(ahead)} not pushed; run {push}")


def _commits(count: int) -> str:
    return f"{count} commit{'' if count == 1 else 's'}"
