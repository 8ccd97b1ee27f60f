"""The layout of long prompts, as AUTOMATIC1111 and diffusers' community pipeline have it."""

from __future__ import annotations

import pytest

from studio.core.prompting.weights import parse
from studio.models.prompts.chunks import BACK, Chunk, chunks, row
from tests.models.prompts.fixtures import clip_tokenizer

TOKENIZER = clip_tokenizer()
COMMA = TOKENIZER.convert_tokens_to_ids(",</w>")
A = TOKENIZER.convert_tokens_to_ids("a</w>")


def read(prompt: str, length: int = 77) -> list[Chunk]:
    return chunks(parse(prompt), TOKENIZER, length)


def sizes(prompt: str, length: int = 77) -> list[int]:
    return [len(chunk) for chunk in read(prompt, length)]


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        ("", [0]),
        ("a " * 75, [75]),
        ("a " * 76, [75, 1]),
        ("a " * 150, [75, 75]),
        ("a BREAK a", [1, 1]),
        ("a BREAK", [1]),
        ("BREAK a", [0, 1]),
        ("a " * 80 + "BREAK a", [75, 5, 1]),
        ("a " * 60 + ", " + "a " * 20, [61, 20]),
        # the comma is too far back, or is the first of the next chunk
        ("a " * 53 + ", " + "a " * 30, [75, 9]),
        ("a " * 75 + ", a", [75, 2]),
        ("a " * 74 + ", a", [75, 1]),
    ],
)
def test_chunks_end_when_they_are_full_at_a_comma_or_at_a_break(
    prompt: str, wanted: list[int]
) -> None:
    assert sizes(prompt) == wanted


@pytest.mark.parametrize("back", range(15, 25))
def test_a_comma_is_looked_for_so_far_back_and_no_farther(back: int) -> None:
    """`back` tokens are behind the comma when the chunk is full."""
    prompt = "a " * (74 - back) + ", " + "a " * (back + 1)
    assert sizes(prompt) == ([75 - back, back + 1] if back < BACK else [75, 1])


@pytest.mark.parametrize(
    ("before", "vectors", "wanted"),
    [(70, 5, [75]), (70, 6, [70, 6]), (0, 80, [75, 5]), (3, 80, [3, 75, 5])],
)
def test_the_vectors_of_a_textual_inversion_stay_together(
    before: int, vectors: int, wanted: list[int]
) -> None:
    class Knows:
        """A tokenizer that knows a word of several vectors, as adapters' own does."""

        bos_token_id = eos_token_id = pad_token_id = 1
        get_vocab = TOKENIZER.get_vocab

        def __call__(self, text: str, **how: object) -> dict[str, object]:
            ids = [A] * text.count("a") + [-1 - i for i in range(vectors)]
            places = [(2 * i, 2 * i + 1) for i in range(before)] + [
                (2 * before, len(text))
            ] * vectors
            return {"input_ids": ids, "offset_mapping": places}

    found = chunks(parse("a " * before + "word"), Knows())
    assert [len(chunk) for chunk in found] == wanted


def test_a_row_is_what_diffusers_gives_the_network() -> None:
    ids, weights = row(read("a (sea:1.5)")[0], TOKENIZER)
    theirs = TOKENIZER("a sea", padding="max_length", max_length=77, truncation=True)
    assert ids == theirs["input_ids"]
    assert weights == [1, 1, 1.5, 1.5, 1.5] + [1] * 72


def test_the_second_encoder_of_sdxl_is_padded_with_its_own_sign() -> None:
    ids, _ = row(read("a")[0], clip_tokenizer(pad="!"))
    assert ids == [0, A, 1] + [2] * 74


def test_a_long_prompt_loses_no_token() -> None:
    words = ", ".join("sea sky boat"[: 3 + i % 9] for i in range(90))
    found = [token.id for chunk in read(words) for token in chunk]
    assert found == TOKENIZER(words, add_special_tokens=False)["input_ids"]


def test_a_token_knows_where_it_was_typed() -> None:
    prompt = "a (sea:1.2) BREAK sky"
    assert [prompt[token.at] for chunk in read(prompt) for token in chunk] == list("aseasky")
