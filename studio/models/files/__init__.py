"""Model files of any origin: what they are, where they lie, and their parts."""
