"""Model families and the catalogue. The only room that imports diffusers and transformers."""
