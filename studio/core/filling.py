"""The choices for filling a region: what is under the mask at the start, and by which network."""

from __future__ import annotations

FILLS: tuple[tuple[str, str, str], ...] = (
    ("original", "Original", "What is there now; a low strength keeps its shapes."),
    ("neutral", "Neutral grey", "Nothing of what was there, and no colour of its own."),
    ("blurred", "Blurred surroundings", "The colours around it, run together."),
    ("edges", "From the edges", "Lines and colours carried on from the edges, as in retouching."),
    ("noise", "Noise", "Pure noise: what is drawn owes nothing to what was there."),
)
"""Name, title, one line. The order to show them in."""

CHANNELS: tuple[tuple[str, str, str], ...] = (
    ("auto", "Auto", "The network's own inpainting channels if it has them."),
    ("on", "On", "The network's own inpainting channels, or not at all."),
    ("off", "Off", "The surroundings are held, as with any network."),
)
"""Name, title, one line."""
