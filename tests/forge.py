"""Git hosts as far as a comment goes: GitLab's notes over HTTP, and GitHub's comments behind a ``gh`` of our own."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from conftest import program
from repository import executable

TOKEN = "not-a-real-token"
_GH = """\
import json, pathlib, subprocess, sys
store = pathlib.Path({store!r})
comments = json.loads(store.read_text())
arguments = sys.argv[1:]
flags = dict(zip(arguments, arguments[1:]))
path = next(one for one in arguments if one.startswith("repos/"))
body = pathlib.Path(flags["--field"].removeprefix("body=@")).read_text() if "--field" in flags else None
bot = {{"login": "github-actions[bot]", "type": "Bot"}}
if flags.get("--method") == "PATCH":
    [known] = [one for one in comments if path.endswith(f"/issues/comments/{{one['id']}}")]
    known["body"] = body
elif body is not None:
    assert path.endswith("/issues/7/comments"), path
    comments.append({{"id": len(comments) + 40, "user": bot, "body": body}})
else:
    subprocess.run(("jq", "-r", flags["--jq"]), input=json.dumps(comments), text=True, check=True)
store.write_text(json.dumps(comments))
"""


class GitHub:
    """A pull request's comments in a file, and ``gh`` in a folder for PATH; ``jq`` does what is built into gh."""

    def __init__(self, folder: Path) -> None:
        program("jq")
        self.store = folder / "comments.json"
        stranger = {"login": "somebody", "type": "User"}
        self.store.write_text(json.dumps([{"id": 1, "user": stranger, "body": "<!-- gitopsmith diff --> not mine"}]))
        script = folder / "gh.py"
        script.write_text(_GH.format(store=str(self.store)))
        self.programs = executable(folder / "programs" / "gh", f'exec {sys.executable} {script} "$@"').parent

    @property
    def comments(self) -> list[str]:
        """The comments that the job wrote."""
        return [one["body"] for one in json.loads(self.store.read_text())[1:]]


@contextmanager
def gitlab() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yields the URL of a merge request's notes, and the notes; who has not the token is turned away."""
    notes: list[dict[str, Any]] = [{"id": 1, "body": "hello"}]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(notes)

        def do_POST(self) -> None:
            notes.append({"id": len(notes) + 1, "body": self._body()})
            self._answer(notes[-1])

        def do_PUT(self) -> None:
            [known] = [note for note in notes if self.path.endswith(f"/{note['id']}")]
            known["body"] = self._body()
            self._answer(known)

        def _body(self) -> str:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            return parse_qs(sent, strict_parsing=True)["body"][0]

        def _answer(self, found: Any) -> None:
            self.send_response(200 if self.headers["PRIVATE-TOKEN"] == TOKEN else 401)
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/notes", notes
        finally:
            server.shutdown()


_PULL = """\
import json, pathlib, sys
store, refused = pathlib.Path({store!r}), pathlib.Path({refused!r})
made = json.loads(store.read_text())
_, verb, *arguments = sys.argv[1:]
flags = dict(zip(arguments, arguments[1:]))
if refused.exists() and refused.read_text().partition(":")[0] == verb:
    sys.exit(refused.read_text().partition(":")[2])
if verb == "list":
    fits = [one for one in made if (one["head"], one["base"]) == (flags["--head"], flags["--base"])]
    print(json.dumps([{{"url": one["url"]}} for one in fits]))
elif verb == "create":
    url = f"https://github.com/example/fleet/pull/{{len(made) + 1}}"
    told = {{name: flags[f"--{{name}}"] for name in ("repo", "head", "base", "title")}}
    made.append({{**told, "body": pathlib.Path(flags["--body-file"]).read_text(), "url": url}})
    print(url)
elif verb == "merge":
    [known] = [one for one in made if one["url"] == arguments[0]]
    known["auto"] = flags["--auto"]
store.write_text(json.dumps(made))
"""


class PullRequests:
    """The pull requests of a repository in a file, and ``gh`` in a folder for PATH."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.store, self.refused = folder / "made.json", folder / "refused"
        self.store.write_text("[]")
        script = folder / "gh.py"
        script.write_text(_PULL.format(store=str(self.store), refused=str(self.refused)))
        self.programs = executable(folder / "programs" / "gh", f'exec {sys.executable} {script} "$@"').parent

    @property
    def made(self) -> list[dict[str, str]]:
        """What ``gh`` was told of each pull request."""
        found: list[dict[str, str]] = json.loads(self.store.read_text())
        return found

    def refuse(self, verb: str, words: str) -> None:
        """Has ``gh`` refuse a verb from now on."""
        self.refused.write_text(f"{verb}:{words}")
