"""From a prompt to what a network is told of it, for every kind of text encoder."""
