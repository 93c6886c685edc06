"""The shelf of networks: a generator maps a latent to samples, a discriminator samples to scores."""
