"""A run on disk: its folder, checkpoints and provenance, and what its trained networks are used for."""
