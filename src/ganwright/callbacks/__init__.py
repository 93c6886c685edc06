"""Callbacks: log, sample grids, checkpoints, early stopping, signals, progress. Each is called after every step."""
