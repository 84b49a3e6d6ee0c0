"""An Application that hears of a commit by polling alone, with the settings of the repository.

Waiting for a poll takes up to 70 s, so a thread of its own does it while the rest of the suite runs: the webhooks of
the fleet are about another repository.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from e2e.live import PATIENT, Live

BODY = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: polled
spec:
  progressDeadlineSeconds: 10
  selector:
    matchLabels: {app: polled}
  template:
    metadata:
      labels: {app: polled}
    spec:
      # What the label of the namespace asks for.
      securityContext: {runAsNonRoot: true, runAsUser: 65532, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: polled
          image: registry.example.com/polled:TAG
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
"""
LONGEST = 70.0
"""Seconds that the generated settings may take to see a commit: twice 30, and a jitter of 10."""


@dataclass(slots=True)
class Polled:
    """What the thread has measured, in seconds, and why it ended early, if it did."""

    change: float = 0.0
    rollback: float = 0.0
    failure: str = ""
    _thread: threading.Thread | None = field(default=None, repr=False)

    def start(self, live: Live) -> None:
        self._thread = threading.Thread(target=self._run, args=(live,), daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Waits until everything is measured."""
        assert self._thread is not None
        self._thread.join(400)

    def _run(self, live: Live) -> None:
        try:
            self._measure(live)
        except BaseException as error:  # noqa: BLE001 - the test that asks for the result reports it
            self.failure = str(error)

    def _measure(self, live: Live) -> None:
        name = f"{PATIENT}{int(time.time())}"
        live.spoiled.add(name)
        repository = live.repository("public", name)
        repository.write("deployment.yaml", BODY.replace("TAG", "1.0.0"))
        first = repository.push("Begin")
        live.apply(live.elsewhere(name, repository.url))
        live.until_done(name, first)
        repository.write("deployment.yaml", BODY.replace("TAG", "1.0.1"))
        start = time.monotonic()
        self.change = live.until_done(name, repository.push("Change", quietly=True), start, 200)
        repository.write("deployment.yaml", BODY.replace("TAG", "bad"))
        bad = repository.push("Break", quietly=True)
        live.until(name, lambda one: one.revision == bad and one.health == "Degraded", timeout=200)
        repository.git("restore", "--source=HEAD~1", "--", "deployment.yaml")
        start = time.monotonic()
        self.rollback = live.until_done(name, repository.push("Roll back", quietly=True), start, 200)
