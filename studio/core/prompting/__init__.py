"""What artists write in prompts besides words, as plain data: weights, breaks, wildcards, tags."""
