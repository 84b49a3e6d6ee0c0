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
