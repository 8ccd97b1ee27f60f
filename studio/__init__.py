"""Diffusion Studio: make and edit pictures with diffusion models, and see every step."""

__version__ = "0.3.2"
