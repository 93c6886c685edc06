"""Adversarial losses of real and fake scores, one module each."""
