"""Embeddings of long and weighted prompts beside formulas written out here."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from transformers import CLIPTextConfig, CLIPTextModel

from studio.models.prompts.clip import alike, encode_clip, together
from tests.models.prompts.fixtures import clip_tokenizer

CPU = torch.device("cpu")
TOKENIZER = clip_tokenizer()


@pytest.fixture(scope="module")
def network() -> CLIPTextModel:
    torch.manual_seed(0)
    config = CLIPTextConfig(
        vocab_size=len(TOKENIZER),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=77,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
    network = CLIPTextModel(config).eval()
    torch.nn.init.uniform_(network.final_layer_norm.bias, -0.5, 0.2)  # trained ones have a mean
    return network


@torch.inference_mode()
def encode(prompt: str, network: CLIPTextModel) -> tuple[Tensor, Tensor]:
    def run(ids: Tensor) -> tuple[Tensor, Tensor]:
        found = network(ids)
        return found.last_hidden_state, found.pooler_output

    embeddings, pooled = encode_clip(prompt, TOKENIZER, run, CPU)
    assert pooled is not None
    return embeddings, pooled


@torch.inference_mode()
def stock(words: str, network: CLIPTextModel) -> tuple[Tensor, Tensor]:
    """What diffusers' pipelines make of a prompt."""
    read = TOKENIZER(
        words, padding="max_length", max_length=77, truncation=True, return_tensors="pt"
    )
    found = network(read.input_ids)
    return found.last_hidden_state, found.pooler_output


@pytest.mark.parametrize("prompt", ["", "a red boat", "a " * 75, "sea, sky"])
def test_a_short_prompt_is_to_the_bit_what_diffusers_makes_of_it(
    prompt: str, network: CLIPTextModel
) -> None:
    embeddings, pooled = encode(prompt, network)
    theirs, their_pooled = stock(prompt, network)
    assert torch.equal(embeddings, theirs)
    assert torch.equal(pooled, their_pooled)


def test_a_long_prompt_is_its_chunks_in_a_row_and_the_pooled_one_is_the_first(
    network: CLIPTextModel,
) -> None:
    embeddings, pooled = encode("a " * 75 + "b " * 75 + "c", network)
    chunks = [stock(words, network)[0] for words in ("a " * 75, "b " * 75, "c")]
    assert torch.equal(embeddings, torch.cat(chunks, dim=1))
    assert torch.equal(pooled, stock("a " * 75, network)[1])
    assert torch.equal(encode("sea BREAK sky", network)[0][:, 77:], stock("sky", network)[0])


def test_weights_scale_their_words_and_the_mean_of_each_chunk_is_kept(
    network: CLIPTextModel,
) -> None:
    """compel, lpw and AUTOMATIC1111 (per chunk) alike: z·w · mean(z)/mean(z·w)."""
    embeddings, pooled = encode("a (s:1.5) BREAK [b]", network)
    wanted = []
    for words, place, weight in (("a s", 2, 1.5), ("b", 1, 1 / 1.1)):
        z = stock(words, network)[0]
        w = torch.ones(77)
        w[place] = weight
        weighted = z * w[None, :, None]
        wanted.append(weighted * (z.mean() / weighted.mean()))
    assert torch.allclose(embeddings, torch.cat(wanted, dim=1), rtol=1e-5, atol=1e-7)
    assert torch.equal(pooled, stock("a s", network)[1])


def test_half_a_surrogate_pair_is_encoded(network: CLIPTextModel) -> None:
    assert torch.equal(encode("a \udce4", network)[0], stock("a ?", network)[0])


@pytest.mark.parametrize("lengths", [(77, 77), (77, 231), (154, 231), (231, 77, 154)])
def test_prompts_of_different_lengths_say_the_same_side_by_side(lengths: tuple[int, ...]) -> None:
    torch.manual_seed(1)
    queries = torch.randn(1, 5, 16)
    prompts = [torch.randn(1, length, 16) for length in lengths]
    batch = alike(prompts)
    attended = torch.nn.functional.scaled_dot_product_attention
    for number, prompt in enumerate(prompts):
        alone = attended(queries, prompt, prompt)
        beside = attended(queries, batch[number : number + 1], batch[number : number + 1])
        assert torch.allclose(alone, beside, atol=1e-6)
    if len(set(lengths)) == 1:
        assert torch.equal(batch, torch.cat(prompts))


def test_a_hundred_chunks_beside_ninety_nine_are_no_ten_thousand() -> None:
    assert alike([torch.zeros(1, 7700, 2), torch.zeros(1, 7623, 2)]).shape == (2, 7700, 2)


def test_two_encoders_say_it_side_by_side() -> None:
    one, two = torch.rand(1, 77, 3), torch.rand(1, 154, 5)
    both = together(one, two)
    assert torch.equal(both, torch.cat([torch.cat([one, one], dim=1), two], dim=2))
