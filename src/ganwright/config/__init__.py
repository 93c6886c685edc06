"""Configuration: options, the data source, the recipe and the horizon, resolved once into a TrainingConfig."""
