"""Penalties of the discriminator, one module each."""
