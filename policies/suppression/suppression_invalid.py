"""A suppression comment names a rule that exists, and gives a reason.

`# gitopsmith: ignore[image-unpinned] the vendor publishes one tag only` silences a finding on its own line, or on the
next line when it stands alone. Without a reason, or with a rule id that does not exist, it silences nothing, and its
author should know.
"""

from gitopsmith.finding import Severity

SEVERITY = Severity.ERROR
PROFILE = "minimal"
STAGE = "suppress"
GOOD = ["suppression-used"]
BAD = ["suppression-invalid"]
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
      image: shop/web # gitopsmith: ignore[Image_Unpinned] the vendor has one tag
""",
        """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web # gitopsmith: ignore[image-unpinned] the vendor has one tag
""",
    ),
]
