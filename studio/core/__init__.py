"""Values that cross threads: plain, frozen data. Standard library and numpy only."""
