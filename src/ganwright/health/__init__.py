"""A run's health: checks of its samples, the verdict on them, and recovery."""
