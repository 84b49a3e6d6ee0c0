"""Edits that move and rename what is there keep its comments, and refuse what they cannot do safely."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitopsmith import documents, edit
from gitopsmith.edit.written import entry
from gitopsmith.finding import Failure


def body(text: str) -> Any:
    return documents.read(text.encode()).documents[0].body


@pytest.mark.parametrize(
    ("before", "route", "key", "after"),
    [
        ("a:\n  # c\n  b: 1 # d\n  e: |-\n    x\n\n    y\nf: 2\n", ("a",), "k",
         "a:\n  # c\n  k:\n    b: 1 # d\n    e: |-\n      x\n\n      y\nf: 2\n"),
        ("a:\n  b: 1\n  c: 2\n", ("a",), None, "a:\n  - b: 1\n    c: 2\n"),
        ("a:\n- b\n- c # d\n", ("a",), "k", "a:\n  k:\n  - b\n  - c # d\n"),
        ("- x.yaml # c\n- y\n", (0,), "path", "- path: x.yaml # c\n- y\n"),
        ("- |-\n  a: b\n  c: d\n- y\n", (0,), "patch", "- patch: |-\n    a: b\n    c: d\n- y\n"),
        ("a: {b: 1} # c\n", ("a",), None, "a: [{b: 1}] # c\n"),
        ("[x, y]\n", (0,), "k", "[{k: x}, y]\n"),
        ("a: b # c\n", ("a",), None, "a: [b] # c\n"),
        ("a:\r\n  b: 1\r\n", ("a",), "k", "a:\r\n  k:\r\n    b: 1\r\n"),
        ("a:\n  b: 1", ("a",), "k", "a:\n  k:\n    b: 1"),
    ],
)  # fmt: skip
def test_wrap_puts_a_value_below_a_key_or_into_a_list(before: str, route: Any, key: str | None, after: str) -> None:
    assert edit.wrap(before, route, key) == after


def test_rename_keeps_the_place_and_everything_behind_it() -> None:
    assert edit.rename("# a\nb: 1 # c\n'd': {e: 2}\n", ("d",), "f") == "# a\nb: 1 # c\nf: {e: 2}\n"
    assert edit.rename("- b: 1\n  c: 2\n", (0, "b"), "on") == '- "on": 1\n  c: 2\n'


@pytest.mark.parametrize(
    ("before", "front", "after"),
    [
        (
            "old:\n- a # x\n# y\n- b: 1\n  c: 2\nnew:\n  - z\n",
            False,
            "new:\n  - z\n  - a # x\n  # y\n  - b: 1\n    c: 2\n",
        ),
        ("new:\n  # first\n  - z\nold:\n  - a\n", True, "new:\n  - a\n  # first\n  - z\n"),
        ("new:\n- z\nold:\n    - a\n    - |-\n        x\n         y\n", False, "new:\n- z\n- a\n- |-\n    x\n     y\n"),
        ("old:\n- a\nnew:\n- z", False, "new:\n- z\n- a"),
    ],
)
def test_move_takes_items_with_their_comments_to_another_list(before: str, front: bool, after: str) -> None:
    assert edit.move(before, ("old",), ("new",), front=front) == after


def test_quote_keeps_every_letter() -> None:
    assert edit.quote("a: [1.20, 0x1F, yes]\n", ("a", 0)) == 'a: ["1.20", 0x1F, yes]\n'
    assert edit.quote("a: 0x1F # b\n", ("a",)) == 'a: "0x1F" # b\n'


def test_a_comment_goes_with_the_line_that_it_had_alone() -> None:
    assert edit.rewrite("a: 1\n  # old\nb: 2\n", 2, "# old", "") == "a: 1\nb: 2\n"
    assert edit.rewrite("a: 1  # old\r\n", 1, "# old", "") == "a: 1\r\n"
    assert edit.rewrite("a: 1 # old\n", 1, "# old", "# new") == "a: 1 # new\n"


def test_the_second_of_two_equal_keys_goes_with_all_below_it() -> None:
    assert (
        edit.deduplicate("a:\n  b:\n  - c\nd: 1\na:\n  b:\n  - c\n\n# e\nf: 2\n", 5)
        == "a:\n  b:\n  - c\nd: 1\n\n# e\nf: 2\n"
    )


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda: edit.wrap("a: |-\n  x\n", ("a",), "k"), id="block-of-text"),
        pytest.param(lambda: edit.wrap("a: &x\n  b: 1\nc: *x\n", ("a",), "k"), id="anchor-in-use"),
        pytest.param(lambda: edit.wrap("a:\nb: 1\n", ("a",), "k"), id="nothing-to-wrap"),
        pytest.param(lambda: edit.rename("a: 1\nb: 2\n", ("a",), "b"), id="name-taken"),
        pytest.param(lambda: edit.rename("a: 1\n", ("z",), "b"), id="nothing-to-rename"),
        pytest.param(lambda: edit.move("old: # why\n- a\nnew:\n- z\n", ("old",), ("new",)), id="comment-of-the-list"),
        pytest.param(lambda: edit.move("old: [a]\nnew:\n- z\n", ("old",), ("new",)), id="brackets"),
        pytest.param(lambda: edit.quote("a: 'b'\n", ("a",)), id="text-already"),
        pytest.param(lambda: edit.quote("a: &x 1\n", ("a",)), id="quote-anchor"),
        pytest.param(lambda: edit.quote('{"a": 1,\n"a/b": "\\/"}', ("a",)), id="json"),
        pytest.param(lambda: edit.rewrite("a: '# b'\n", 1, "# b", ""), id="no-comment"),
        pytest.param(lambda: edit.rewrite("a: 1\n", 7, "# b", ""), id="no-such-line"),
        pytest.param(lambda: edit.deduplicate("a: 1\na: 2\n", 2), id="two-values"),
        pytest.param(lambda: edit.deduplicate("{a: 1, a: 1}\n", 1), id="one-line"),
    ],
)  # fmt: skip
def test_what_is_not_safe_is_refused(change: Callable[[], str]) -> None:
    with pytest.raises(Failure, match="by hand"):
        change()


WORDS = st.text("ab1.-", min_size=1, max_size=3)
VALUES = st.recursive(
    WORDS,
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(WORDS, inner, min_size=1, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(WORDS, VALUES, min_size=1, max_size=3),
    VALUES,
    st.sampled_from((0, 2)),
    st.sampled_from(("k", None)),
)
def test_what_is_wrapped_is_what_was_there(around: dict[str, Any], value: Any, offset: int, key: str | None) -> None:
    text = (
        "\n".join(line for name, inner in {**around, "it": value}.items() for line in entry(name, inner, 0, offset))
        + "\n"
    )
    before = body(text)
    try:
        after = edit.wrap(text, ("it",), key)
    except Failure:
        return
    assert body(after) == {**before, "it": [before["it"]] if key is None else {key: before["it"]}}
