"""Times the three classic programs written in TensorFlow; needs an environment of its own.

python benchmarks/speed/tensorflow_programs.py vanilla|dcgan|curve MNIST.npy --seconds 10 --warm-up 5

Networks, losses, optimizers and batches equal those of `ganwright train RECIPE --as-source`. MNIST.npy holds MNIST's
training pictures, uint8 [60000, 28, 28]. Prints one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf
from tensorflow import keras

layers = keras.layers
Step = Callable[[], None]


def vanilla(pictures: np.ndarray) -> tuple[Step, int]:
    """100-128-128-784 against 784-128-128-1; the discriminator's step, then the generator's on the same latents."""
    leaky = lambda units: [layers.Dense(units), layers.LeakyReLU(0.2)]  # noqa: E731
    generator = keras.Sequential([keras.Input((100,)), *leaky(128), *leaky(128), layers.Dense(784, "tanh")])
    discriminator = keras.Sequential([keras.Input((784,)), *leaky(128), *leaky(128), layers.Dense(1)])
    cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)
    optimizers = [keras.optimizers.Adam(1e-3, epsilon=1e-8) for _ in range(2)]

    @tf.function
    def train_discriminator(real: tf.Tensor, latent: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            real_score, fake_score = discriminator(real), discriminator(generator(latent))
            loss = cross_entropy(0.9 * tf.ones_like(real_score), real_score)
            loss += cross_entropy(tf.zeros_like(fake_score), fake_score)
        weights = discriminator.trainable_variables
        optimizers[0].apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return loss

    @tf.function
    def train_generator(latent: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            score = discriminator(generator(latent))
            loss = cross_entropy(tf.ones_like(score), score)
        weights = generator.trainable_variables
        optimizers[1].apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return loss

    flat = pictures[5_000:].reshape(-1, 784).astype(np.float32) / 255  # in [0, 1], as in the original loader
    batches = shuffled(flat, 100)

    def step() -> None:
        real = tf.constant(next(batches) * 2 - 1)
        latent = tf.constant(np.random.uniform(-1, 1, (100, 100)).astype(np.float32))
        train_discriminator(real, latent)
        train_generator(latent)

    return step, 100


def dcgan(pictures: np.ndarray) -> tuple[Step, int]:
    """Keras's tutorial: both players are updated from one forward pass."""
    up = lambda filters, strides: layers.Conv2DTranspose(  # noqa: E731
        filters, 5, strides=strides, padding="same", use_bias=False, activation="tanh" if filters == 1 else None
    )
    normed = lambda: [layers.BatchNormalization(), layers.LeakyReLU()]  # noqa: E731
    generator = keras.Sequential(
        [
            keras.Input((100,)),
            *(layers.Dense(7 * 7 * 256, use_bias=False), *normed(), layers.Reshape((7, 7, 256))),
            *(up(128, 1), *normed(), up(64, 2), *normed(), up(1, 2)),
        ]
    )
    down = lambda filters: [  # noqa: E731
        *(layers.Conv2D(filters, 5, strides=2, padding="same"), layers.LeakyReLU(), layers.Dropout(0.3))
    ]
    discriminator = keras.Sequential(
        [keras.Input((28, 28, 1)), *down(64), *down(128), layers.Flatten(), layers.Dense(1)]
    )
    cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)
    optimizers = [keras.optimizers.Adam(1e-4) for _ in range(2)]

    @tf.function
    def train_step(real: tf.Tensor) -> None:
        latent = tf.random.normal([256, 100])
        with tf.GradientTape() as generator_tape, tf.GradientTape() as discriminator_tape:
            fake = generator(latent, training=True)
            real_score, fake_score = discriminator(real, training=True), discriminator(fake, training=True)
            generator_loss = cross_entropy(tf.ones_like(fake_score), fake_score)
            discriminator_loss = cross_entropy(tf.ones_like(real_score), real_score)
            discriminator_loss += cross_entropy(tf.zeros_like(fake_score), fake_score)
        g_weights, d_weights = generator.trainable_variables, discriminator.trainable_variables
        g_gradients = generator_tape.gradient(generator_loss, g_weights)
        d_gradients = discriminator_tape.gradient(discriminator_loss, d_weights)
        optimizers[0].apply_gradients(zip(g_gradients, g_weights, strict=True))
        optimizers[1].apply_gradients(zip(d_gradients, d_weights, strict=True))

    real = (pictures[..., None].astype(np.float32) - 127.5) / 127.5
    data = tf.data.Dataset.from_tensor_slices(real).shuffle(60_000).batch(256, drop_remainder=True).repeat()
    batches = iter(data)
    return lambda: train_step(next(batches)), 256


def curve(pictures: np.ndarray) -> tuple[Step, int]:
    """2-10-10-2 against 2-10-10-1 on 31 batches of 32 points and one of 8; equations 2 and 3 on sigmoid outputs."""
    leaky = lambda units: [layers.Dense(units), layers.LeakyReLU(0.2)]  # noqa: E731
    generator = keras.Sequential([keras.Input((2,)), *leaky(10), *leaky(10), layers.Dense(2)])
    discriminator = keras.Sequential([keras.Input((2,)), *leaky(10), *leaky(10), layers.Dense(1, "sigmoid")])
    optimizers = [keras.optimizers.Adam(1e-3, epsilon=1e-8) for _ in range(2)]

    @tf.function(reduce_retracing=True)
    def train_discriminator(real: tf.Tensor, latent: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            d_real, d_fake = discriminator(real), discriminator(generator(latent))
            loss = -tf.reduce_mean(tf.math.log(d_real + 1e-12) + tf.math.log(1 - d_fake + 1e-12))
        weights = discriminator.trainable_variables
        optimizers[0].apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return loss

    @tf.function(reduce_retracing=True)
    def train_generator(latent: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = -tf.reduce_mean(tf.math.log(discriminator(generator(latent)) + 1e-12))
        weights = generator.trainable_variables
        optimizers[1].apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return loss

    x = 10 * (np.random.random(1_000).astype(np.float32) - 0.5)
    cut = list(tf.data.Dataset.from_tensor_slices(np.stack([x, x**2 + 5], 1)).shuffle(1_000).batch(32))

    def endless() -> Iterator[Any]:
        while True:
            yield from cut

    batches = endless()

    def step() -> None:
        real = next(batches)
        latent = tf.random.uniform([len(real), 2], -1, 1)
        train_discriminator(real, latent)
        train_generator(latent)

    return step, 32


def shuffled(samples: np.ndarray, batch: int) -> Iterator[np.ndarray]:
    """Batches of one epoch after another."""
    while True:
        order = np.random.permutation(len(samples))
        for start in range(0, len(samples) - batch + 1, batch):
            yield samples[order[start : start + batch]]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("program", choices=["vanilla", "dcgan", "curve"])
    parser.add_argument("pictures", help="MNIST's training pictures as .npy")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--warm-up", type=float, default=5)
    options = parser.parse_args()
    step, batch = {"vanilla": vanilla, "dcgan": dcgan, "curve": curve}[options.program](np.load(options.pictures))
    steps = timed(step, options.warm_up, options.seconds)
    print(json.dumps({"steps": steps, "batch": batch, "version": f"tensorflow {tf.__version__}"}))


def timed(step: Step, warm_up: float, seconds: float) -> float:
    """Steps per second after the warm-up; on a CPU a step ends when its last operation has run."""
    end = time.perf_counter() + warm_up
    while time.perf_counter() < end:
        step()
    start, steps = time.perf_counter(), 0
    while time.perf_counter() < start + seconds:
        step()
        steps += 1
    return steps / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
