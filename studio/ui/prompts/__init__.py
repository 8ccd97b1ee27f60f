"""What helps while a prompt is typed: colours, a counter, names to choose from."""
