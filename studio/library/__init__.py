"""What is kept on disk: pictures, assets, trajectories and the index. No Qt, no torch."""
