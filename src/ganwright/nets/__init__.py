"""Networks: a generator maps latents to samples, a discriminator maps samples to scores."""
