"""What is known of a file that belongs to a model, from its tensors' names and shapes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Role(StrEnum):
    """What a file is for. The value is the word that a person reads."""

    CHECKPOINT = "Checkpoint"
    """A network together with its autoencoder or its text encoders."""
    NETWORK = "Diffusion model"
    """The network alone: the other parts come from elsewhere."""
    FOLDER = "Model folder"
    """All parts, in diffusers' format."""
    LORA = "LoRA"
    EMBEDDING = "Textual inversion"
    VAE = "VAE"
    TEXT_ENCODER = "Text encoder"
    CONTROLNET = "ControlNet"
    UPSCALER = "Upscaler"
    OTHER = "Other"
    """Known by name, and nothing that can be used here."""
    UNKNOWN = "Unknown"
    DAMAGED = "Damaged"


@dataclass(frozen=True)
class ModelFile:
    """One file, or folder, of a person's models.

    `layout` is the family's short name ("sdxl", "flux-dev", …), or that of the family that an
    addition is for; "" if it is not known. `title` is the same for a person. `detail` says more
    ("LoHa"). `variant` is what its tensors say of how the network was trained: "v" predicts
    velocities, "v-zero" down to zero signal, a number is the side of its pictures. `lacks` are the
    parts of its family that it does not hold. `problem` is one sentence on why it cannot be used,
    "" if nothing is known against it. `sha256` is "" until it was computed. `words` are those that
    call a LoRA or embedding up.
    """

    path: Path
    role: Role
    layout: str = ""
    title: str = ""
    detail: str = ""
    variant: str = ""
    lacks: tuple[str, ...] = ()
    bytes: int = 0
    modified: int = 0
    precision: str = ""
    parameters: int = 0
    sha256: str = ""
    preview: Path | None = None
    caption: str = ""
    words: tuple[str, ...] = ()
    problem: str = ""

    @property
    def name(self) -> str:
        """What the person calls it: the file's name, or what its maker called it."""
        return self.caption or (self.path.stem if self.path.suffix else self.path.name)

    @property
    def short_hash(self) -> str:
        """The first ten digits, by which other programs name a model in their pictures."""
        return self.sha256[:10]
