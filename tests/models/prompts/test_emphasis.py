import torch

from studio.models.prompts.emphasis import emphasize


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


def test_a_mean_that_is_nothing_is_not_given_back() -> None:
    """The penultimate layer's is such: a quotient of rounding errors would turn all around."""
    embeddings = torch.tensor([[[1.0, -0.9999], [2.0, -2.00005]]])
    weights = torch.tensor([1.0, 3.0])  # of which the mean would be of the other sign
    assert torch.equal(emphasize(embeddings, weights), embeddings * weights[None, :, None])
