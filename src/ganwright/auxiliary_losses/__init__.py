"""Guides: terms of the generator's loss besides the adversarial one, called as guide(fake, batch)."""
