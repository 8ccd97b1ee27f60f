import pytest

from studio.ui.legend import value_text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.00421, "0.0042"), (0.42, "0.42"), (1.351, "1.4"), (12.6, "13"), (431.0, "431")],
)
def test_values_have_two_digits_that_matter(value: float, text: str) -> None:
    assert value_text(value) == text
