"""The ideal denoiser of one picture's patches: a diffusion model that needs no weights."""
