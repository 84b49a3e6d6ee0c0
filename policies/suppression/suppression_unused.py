"""A suppression comment still silences something.

A comment that outlives its reason hides the next, real defect at the same place. It is reported when nothing there
violates the rule any more, or when the date in `(until 2027-01-31)` has passed. A comment for a rule that is switched
off is left alone.
"""

from gitopsmith.finding import Severity

SEVERITY = Severity.WARNING
STAGE = "suppress"
GOOD = ["suppression-used"]
BAD = ["suppression-unused"]
FIX_IS_SAFE = True
FIXED = [
    (
        """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:1.4.2 # gitopsmith: ignore[image-unpinned] the vendor has one tag
""",
        """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
""",
    ),
]
