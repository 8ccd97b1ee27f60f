from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from studio.core.errors import CannotLoad
from studio.starter.cache import open_cache
from studio.starter.config import Config
from studio.starter.evaluate import evaluate, said, table
from studio.starter.probe import Probe, ProbeLesson, read
from studio.starter.sampling import Networks, load_networks
from studio.starter.scene import ATTRIBUTES, Scene, labels
from studio.starter.train import Run
from studio.starter.walk import walk


def test_only_what_is_there_and_seen_is_asked_for() -> None:
    scene = Scene("noon", "desert", clouds="clear", tree="palm", balloon=True)
    asked = {name for name, ask in zip(ATTRIBUTES, said(scene), strict=True) if ask}
    assert asked == {"time", "terrain", "clouds", "tree", "balloon"}


def test_a_probe_learns_to_read_the_hour(tiny: Config, tmp_path: Path) -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)
    cache = open_cache(tmp_path / "cache", tiny.seed, tiny.size, tiny.scenes, processes=1)
    probe = Probe()
    for progress in walk(ProbeLesson(tiny, probe, [cache], steps=30, batch=24), tmp_path, 1e9):
        last = progress
    assert last.saved
    answers = np.array([labels(s) for s in cache.scenes])
    assert (read(probe, cache.pictures)[:, 0] == answers[:, 0]).mean() > 0.9


def test_the_report_counts_every_attribute(tiny: Config, tmp_path: Path) -> None:
    torch.manual_seed(0)
    networks: Networks = Run(tmp_path, tiny).networks
    result = evaluate(networks, Probe(), count=4, seed=1, held_out=False, steps=2)
    assert [row.attribute for row in result.rows] == list(ATTRIBUTES)
    assert len(result.pictures) == len(result.captions) == 4
    assert result.rows[0].count == 4
    assert all(not row.generated > 1 for row in result.rows)
    assert len(table(result.rows).splitlines()) == 2 + len(ATTRIBUTES)


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotLoad, match="not a model folder"):
        load_networks(tmp_path)
