"""The rules that its definition states hold.

A CustomResourceDefinition can state rules in CEL (`x-kubernetes-validations`): a Gateway's listener on TCP names no
host, a minimum is not above its maximum. The API server refuses an object that breaks one, and the sync of its
Application fails.

Kubernetes' own code evaluates them, in the program `gitopsmith-cel` (`helper/cel`): after defaults are filled in, and
as for an object that is new. Where the program is not there, a note counts the objects of which nothing can be told. A
message that a rule computes is not shown, as it may repeat a value; its fixed one is, or the rule itself.

A warning: rules of a vendored definition, for the release of the operator that the cluster has may state others.

Exempt: rules that look at the object's former state; definitions of the repository that do not compile; objects that
their schema refuses already.
"""

from __future__ import annotations

from gitopsmith.finding import Severity

SEVERITY = Severity.ERROR
PROFILE = "minimal"
STAGE = "validate"

GOOD = [
    """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: edge
spec:
  gatewayClassName: shared
  listeners:
    - name: mail
      protocol: TCP
      port: 25
""",
    "rules-held",
]
BAD = [
    """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: edge
spec:
  gatewayClassName: shared
  listeners:  # <- here
    - name: mail
      protocol: TCP
      port: 25
      hostname: mail.example.com
""",
    "rules-broken",
]
