"""ganwright trains, judges and ships generative adversarial networks."""

__version__ = "0.1.0"
