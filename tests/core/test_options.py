import pytest

from studio.core.errors import BadInput
from studio.core.options import Choice, Number, Switch, complete

OPTIONS = (
    Number("eta", "η", 0.0, 0.0, 1.0),
    Choice("kind", "Kind", "a", (("a", "A"), ("b", "B"))),
    Switch("fast", "Fast"),
)


def test_what_is_not_given_has_its_default() -> None:
    assert complete(OPTIONS, {}) == {"eta": 0.0, "kind": "a", "fast": False}


def test_what_is_given_is_kept() -> None:
    given = {"eta": 0.5, "kind": "b", "fast": True}
    assert complete(OPTIONS, given) == given


def test_whole_numbers_become_floats() -> None:
    value = complete(OPTIONS, {"eta": 1})["eta"]
    assert isinstance(value, float)


@pytest.mark.parametrize(
    "given",
    [{"eta": 1.1}, {"eta": "x"}, {"eta": True}, {"kind": "c"}, {"fast": 1.0}, {"other": 1.0}],
)
def test_what_does_not_fit_is_refused(given: dict[str, float | str | bool]) -> None:
    with pytest.raises(BadInput):
        complete(OPTIONS, given)


@pytest.mark.parametrize("value", [None, [], {}, 10**400])
def test_what_a_damaged_file_says_is_refused(value: object) -> None:
    with pytest.raises(BadInput):
        complete(OPTIONS, {"eta": value})  # type: ignore[dict-item]


def test_not_a_number_is_refused() -> None:
    with pytest.raises(BadInput):
        complete(OPTIONS, {"eta": float("nan")})
