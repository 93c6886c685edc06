"""The only place where parts meet: one file a family, found by its name."""
