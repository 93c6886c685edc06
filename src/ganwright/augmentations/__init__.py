"""Augmentations of the discriminator's inputs, real and fake, one module each."""
