"""Policies as files: what one must have, and what is said of one that has it not."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitopsmith import policy
from gitopsmith.finding import Failure, Severity
from repository import write

WHOLE = '''"""Names are short.

Long ones do not fit.
"""

from gitopsmith.finding import Severity
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
KINDS = {"Service"}
PROFILE = "production"
GOOD = ["a: b\\n"]
BAD = ["c: d\\n"]


def check_resource(resource):
    yield Violation(("metadata", "name"), "too long")
'''


def test_a_policy_is_named_by_its_file_and_described_by_its_docstring(tmp_path: Path) -> None:
    write(tmp_path, {"health/short_name.py": WHOLE, "health/notes.txt": "", "conftest.py": "raise SystemExit"})
    (found,) = policy.load(tmp_path)
    assert (found.id, found.family, found.severity, found.subject) == (
        "short-name", "health", Severity.WARNING, "resource",
    )  # fmt: skip
    assert (found.summary, found.kinds, found.profile) == ("Names are short.", frozenset({"Service"}), "production")
    assert (found.good, found.bad, found.needs_ownership) == (("a: b\n",), ("c: d\n",), False)
    assert found.check is not None
    assert [violation.message for violation in found.check(None)] == ["too long"]


def test_a_rule_that_a_part_of_the_program_reports_itself_has_no_check(tmp_path: Path) -> None:
    text = WHOLE.partition("\n\ndef ")[0] + '\nSTAGE = "yaml"\n'
    (found,) = policy.load(write(tmp_path, {"yaml/broken.py": text}))
    assert (found.subject, found.check) == ("yaml", None)
    assert list(policy.select([found], "yaml")) == [found]
    assert list(policy.select([found], "resource")) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (WHOLE + "\n\ncheck_application = check_resource\n", "exactly one of check_resource, check_application"),
        (WHOLE.partition("\n\ndef ")[0], "exactly one of"),
        (WHOLE.replace("SEVERITY =", "WEIGHT ="), "has no attribute 'SEVERITY'"),
        (WHOLE.replace("BAD =", "WRONG ="), "has no attribute 'BAD'"),
        (WHOLE.replace('"production"', '"prodution"'), "'prodution' is no profile"),
    ],
    ids=["two checks", "no check", "no severity", "no bad example", "unknown profile"],
)
def test_a_file_that_is_no_policy_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(Failure, match=message) as caught:
        policy.load(write(tmp_path, {"health/short_name.py": text}))
    assert "health/short_name.py" in str(caught.value)


def test_our_own_policies_load_in_order_and_belong_to_known_families() -> None:
    found = policy.load()
    assert [item.id for item in found] == sorted({item.id for item in found})
    assert {item.family for item in found} <= set(policy.FAMILIES)
