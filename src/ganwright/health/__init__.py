"""A run's health: looks at its samples, the verdict on them, and what is done for a run that went wrong."""
