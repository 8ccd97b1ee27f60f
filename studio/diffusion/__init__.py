"""The maths of the field: levels, predictions, samplers, guidance, hold, the loop. Torch only."""
