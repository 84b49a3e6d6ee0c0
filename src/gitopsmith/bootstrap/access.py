"""Reads the repository as Argo CD will: with its credential, its known hosts, and nothing of this user's."""

from __future__ import annotations

import os
import shlex
import tempfile
from pathlib import Path

from gitopsmith import git, tools
from gitopsmith.bootstrap import github
from gitopsmith.bootstrap.credential import Credential
from gitopsmith.git import Branch
from gitopsmith.kubectl import scrub

_NOBODY = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "SSH_AUTH_SOCK": "",
}
_USERNAME = "GITOPSMITH_GIT_USERNAME"
_PASSWORD = "GITOPSMITH_GIT_PASSWORD"  # noqa: S105 - the name of a variable
_FORGET = ("-c", "credential.helper=", "-c", "core.askPass=")
_HELPER = (
    "credential.helper=!f() { test \"$1\" = get && printf 'username=%s\\npassword=%s\\n' "
    f'"${_USERNAME}" "${_PASSWORD}"; }}; f'
)
"""Hands git what its environment holds, so that no secret is on a command line."""


def ask(url: str, branch: str, credential: Credential | None, known_hosts: str) -> Branch:
    """Asks the repository for its branch, with a credential or with none; ``known_hosts`` are Argo CD's.

    Raises Failure when a GitHub App's key is not taken, and tools.TimedOut.
    """
    if credential is None:
        return _over_ssh(url, branch, None, known_hosts)
    if credential.kind == "deploy-key":
        return _over_ssh(url, branch, credential.key_file, known_hosts)
    if credential.kind == "github-app":
        username, password = "x-access-token", github.installation_token(credential)
    else:
        username, password = credential.fields["username"], credential.fields["password"]
    environment = _NOBODY | {_USERNAME: username, _PASSWORD: password}
    said = git.ask(url, branch, options=(*_FORGET, "-c", _HELPER), environment=environment)
    return Branch(said.commit, scrub(said.complaint, (*credential.secrets, password)))


def _over_ssh(url: str, branch: str, key: Path | None, known_hosts: str) -> Branch:
    """Asks without a login; over ssh, if that is the way, with one key and Argo CD's known hosts."""
    with tempfile.TemporaryDirectory(prefix="gitopsmith-") as folder:
        hosts = Path(folder) / "known_hosts"
        hosts.write_text(known_hosts, encoding="utf-8")
        command = ["ssh", "-F", os.devnull, "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes"]
        command += ["-o", f"UserKnownHostsFile={hosts}", "-o", f"GlobalKnownHostsFile={os.devnull}"]
        command += ["-o", "IdentitiesOnly=yes", "-o", f"IdentityFile={key.resolve() if key else 'none'}"]
        environment = _NOBODY | {"GIT_SSH_COMMAND": shlex.join(command), "GIT_SSH_VARIANT": "ssh"}
        return git.ask(url, branch, options=_FORGET, environment=environment)


def ask_as_user(url: str, branch: str) -> Branch:
    """Asks the repository as the person at the keyboard would."""
    try:
        return git.ask(url, branch)
    except tools.TimedOut as error:
        return Branch(complaint=str(error))
