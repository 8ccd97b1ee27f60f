import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from studio.models.emphasis import emphasize, parts


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        ("a red boat", [("a red boat", 1.0)]),
        ("a (red:1.2) boat", [("a ", 1.0), ("red", 1.2), (" boat", 1.0)]),
        ("(red boat:0.5)", [("red boat", 0.5)]),
        ("(red:1.5), (sea:.5)", [("red", 1.5), (", ", 1.0), ("sea", 0.5)]),
        ("(red)", [("(red)", 1.0)]),
        ("(red:much)", [("(red:much)", 1.0)]),
        ("at 10:30 (", [("at 10:30 (", 1.0)]),
        ("(red:999)", [("red", 10.0)]),
        ("", []),
    ],
)
def test_weights_are_read_and_the_rest_is_literal(
    prompt: str, wanted: list[tuple[str, float]]
) -> None:
    assert parts(prompt) == wanted


@given(st.text(max_size=60))
def test_nothing_that_can_be_typed_is_an_error(prompt: str) -> None:
    assert all(text.strip() and 0 <= weight <= 10 for text, weight in parts(prompt))


def test_weights_of_one_change_nothing() -> None:
    embeddings = torch.randn(1, 5, 8, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(emphasize(embeddings, torch.ones(5)), embeddings)


def test_the_mean_is_kept_and_the_proportion_changed() -> None:
    embeddings = torch.rand(1, 4, 8, generator=torch.Generator().manual_seed(0)) + 0.5
    weights = torch.tensor([1.0, 1.0, 2.0, 1.0])
    result = emphasize(embeddings, weights)
    assert torch.isclose(result.mean(), embeddings.mean())
    ratio = result / embeddings
    assert torch.allclose(ratio[0, 2], 2 * ratio[0, 0])
