from __future__ import annotations

from pathlib import Path

import pytest

from studio.core.errors import BadInput
from studio.starter.config import Config, load_config, save_config


def test_a_configuration_survives_its_file(tiny: Config, tmp_path: Path) -> None:
    for config in (Config(), tiny):
        save_config(config, tmp_path / "c.json")
        assert load_config(tmp_path / "c.json") == config


def test_an_unknown_field_is_not_taken(tmp_path: Path) -> None:
    save_config(Config(), tmp_path / "c.json")
    text = (tmp_path / "c.json").read_text().replace('"batch"', '"bunch"')
    (tmp_path / "c.json").write_text(text)
    with pytest.raises(BadInput, match="not a training configuration"):
        load_config(tmp_path / "c.json")
