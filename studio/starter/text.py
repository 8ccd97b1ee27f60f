"""Words to tokens to vectors: an own CLIP tokenizer and a small CLIP text encoder."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

from tokenizers.pre_tokenizers import ByteLevel
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from studio.starter.config import TextConfig
from studio.starter.scene import ATTRIBUTES

LENGTH = 77  # CLIP's own, which every tool for Stable Diffusion expects
_START, _END = "<|startoftext|>", "<|endoftext|>"
_PAIR = tuple[str, str]


def _merged(pieces: list[str], rank: dict[_PAIR, int]) -> list[str]:
    """Byte-pair encoding: join the pair of lowest rank until none is left."""
    while len(pieces) > 1:
        pairs = [(rank.get((a, b), len(rank)), i) for i, (a, b) in enumerate(_pairs(pieces))]
        best, i = min(pairs)
        if best == len(rank):
            break
        pieces = [*pieces[:i], pieces[i] + pieces[i + 1], *pieces[i + 2 :]]
    return pieces


def _pairs(pieces: list[str]) -> list[_PAIR]:
    return list(itertools.pairwise(pieces))


def build_tokenizer(words: Iterable[str]) -> CLIPTokenizer:
    """A CLIP tokenizer in which each of `words` is one token; any other text falls into pieces.

    Each word adds the merges that join what the words before it leave in pieces. New merges rank
    last, so they cannot change how an earlier word is read.
    """
    letters = sorted(ByteLevel.alphabet())
    vocabulary = [*letters, *(letter + "</w>" for letter in letters)]
    rank: dict[_PAIR, int] = {}
    for word in sorted(words, key=lambda w: (len(w), w)):
        pieces = _merged([*word[:-1], word[-1] + "</w>"], rank)
        while len(pieces) > 1:
            rank[pieces[0], pieces[1]] = len(rank)
            joined = pieces[0] + pieces[1]
            if joined not in vocabulary:
                vocabulary.append(joined)
            pieces = [joined, *pieces[2:]]
    tokens = {token: i for i, token in enumerate([*vocabulary, _START, _END])}
    merges: Any = list(rank)
    return CLIPTokenizer(vocab=tokens, merges=merges, model_max_length=LENGTH)


def build_text_encoder(config: TextConfig, tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """An untrained text encoder; token embeddings start larger than CLIP's, at 0.3."""
    sizes = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=config.width,
        intermediate_size=4 * config.width,
        projection_dim=config.width,
        num_hidden_layers=config.layers,
        num_attention_heads=config.heads,
        max_position_embeddings=LENGTH,
        hidden_act="gelu",
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        attn_implementation="eager",
    )
    encoder = CLIPTextModel(sizes)
    nn.init.normal_(encoder.get_input_embeddings().weight, std=0.3)
    return encoder


def tokenize(tokenizer: CLIPTokenizer, captions: list[str]) -> Tensor:
    """Token ids (n, 77)."""
    batch = tokenizer(
        captions, padding="max_length", truncation=True, max_length=LENGTH, return_tensors="pt"
    )
    ids: Tensor = batch["input_ids"]
    return ids


def naming_head(width: int) -> nn.Linear:
    """Scores for every value of every attribute, side by side."""
    return nn.Linear(width, sum(len(values) for values in ATTRIBUTES.values()))


def naming_loss(scores: Tensor, answers: Tensor) -> Tensor:
    """Summed cross-entropies of the attributes; answers (n, attributes), -1 cannot be known."""
    total = scores.new_zeros(())
    first = 0
    for k, values in enumerate(ATTRIBUTES.values()):
        part = scores[:, first : first + len(values)].float()
        first += len(values)
        if bool((answers[:, k] >= 0).any()):
            total = total + F.cross_entropy(part, answers[:, k], ignore_index=-1)
    return total
