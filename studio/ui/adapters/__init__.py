"""The stack of LoRAs in the panel, and the choice of another autoencoder."""
