"""Plants faults of known strength in real pictures, and tables which metric answers to which.

    python benchmarks/pictures/picture_faults.py [--sets emoji clip-art photographs] [--sides 64 128] [-n 1000]

A set of pictures is split at random into a reference, training pictures (for memorisation only) and the rest. The rest
stands for samples, unchanged in four random draws (real data), and with a fault. A Fréchet distance is shown as a
multiple of real data's, other values as they are; in brackets stands how many standard deviations of the four draws
they lie above real data's. Every value is written to OUT. Emoji are those of Debian's fonts-noto-color-emoji, clip art
that of openclipart-png, photographs 10 random tiles of each of those in super_resolution/train below GANWRIGHT_DATA.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image
from scipy.ndimage import gaussian_filter

from ganwright.core.discovery import load_module
from ganwright.core.features import Features
from ganwright.core.metric import Array, Compared, Metric, Samples

FONT = Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
CLIP_ART = Path("/usr/share/openclipart")
PHOTOGRAPHS = "super_resolution/train"
CLIP_ARTS, TILES = 4000, 10
LARGEST = 4_000_000  # pixels of a clip art
DRAWS = 4
CLUSTERS = 24
IN_FEATURES = ("frechet", "kernel", "precision-recall", "density-coverage", "memorisation")
IN_PICTURES = ("artefacts",)
RATIO = ("fd",)  # values of which the table gives the multiple of real data's


# -- pictures ----------------------------------------------------------------------------------------------------


def on_white(picture: Image.Image, side: int) -> Array:
    """uint8 [side, side, 3], padded to a square."""
    upright = picture.convert("RGBA")
    longest = max(upright.size)
    square = Image.new("RGBA", (longest, longest), "white")
    square.alpha_composite(upright, ((longest - upright.width) // 2, (longest - upright.height) // 2))
    resized = square.convert("RGB").resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(resized)


def emoji(side: int) -> Iterator[Array]:
    glyphs = TTFont(FONT)["CBDT"].strikeData[0]
    for name in sorted(glyphs):
        yield on_white(Image.open(io.BytesIO(glyphs[name].imageData)), side)


def clip_art(side: int) -> Iterator[Array]:
    Image.MAX_IMAGE_PIXELS = None  # the size is read from the header, and large ones are left out
    files = sorted(CLIP_ART.rglob("*.png"))
    for place in np.random.default_rng(0).permutation(len(files))[:CLIP_ARTS]:
        picture = Image.open(files[place])
        if picture.width * picture.height <= LARGEST and min(picture.size) >= side // 2:
            yield on_white(picture, side)


def photographs(side: int) -> Iterator[Array]:
    rng = np.random.default_rng(0)
    folders = [Path(folder, PHOTOGRAPHS) for folder in os.environ["GANWRIGHT_DATA"].split(os.pathsep)]
    for file in sorted(file for folder in folders for file in folder.glob("*.jpg")):
        pixels = np.asarray(Image.open(file).convert("RGB"))
        for _ in range(TILES):
            row, column = (int(rng.integers(length - side + 1)) for length in pixels.shape[:2])
            yield pixels[row : row + side, column : column + side]


SETS: Mapping[str, Callable[[int], Iterator[Array]]] = {
    "emoji": emoji,
    "clip-art": clip_art,
    "photographs": photographs,
}


# -- faults of pixels --------------------------------------------------------------------------------------------


def rounded(pixels: Array) -> Array:
    return np.asarray(pixels.round().clip(0, 255).astype(np.uint8))


def mesh(pictures: Array, period: int, amplitude: float, colour: tuple[int, int, int] = (1, 1, 1)) -> Array:
    """Checkers of so many pixels a period; amplitude in shares of the range of grey levels."""
    squares = np.indices(pictures.shape[1:3]) // (period // 2)
    signs = 1.0 - 2 * (squares.sum(axis=0) % 2)
    return rounded(pictures + 255 * amplitude * signs[..., None] * np.array(colour))


def blurred(pictures: Array, deviation: float) -> Array:
    """By a Gaussian, its deviation in pixels."""
    return rounded(gaussian_filter(pictures.astype(np.float32), (0, deviation, deviation, 0), mode="nearest"))


def noisy(pictures: Array, deviation: float) -> Array:
    """White noise in all channels, its deviation in grey levels."""
    return rounded(pictures + deviation * np.random.default_rng(0).standard_normal(pictures.shape))


def compressed(pictures: Array, quality: int) -> Array:
    def one(picture: Array) -> Array:
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "JPEG", quality=quality)
        return np.asarray(Image.open(file))

    return np.stack([one(picture) for picture in pictures])


def dimmed(pictures: Array, share: float) -> Array:
    """With less of blue, which makes white yellowish."""
    return rounded(pictures * np.array((1, 1, 1 - share)))


IN_COLOUR = (1, 0, -1)
PIXEL_FAULTS: Mapping[str, Callable[[Array], Array]] = {
    "mesh of period 2, 1/64": lambda x: mesh(x, 2, 1 / 64),
    "mesh of period 2, 1/32": lambda x: mesh(x, 2, 1 / 32),
    "mesh of period 2, 1/16": lambda x: mesh(x, 2, 1 / 16),
    "mesh of period 4, 1/64": lambda x: mesh(x, 4, 1 / 64),
    "mesh of period 4, 1/32": lambda x: mesh(x, 4, 1 / 32),
    "mesh of period 4, 1/16": lambda x: mesh(x, 4, 1 / 16),
    "mesh in colour, period 2, 1/32": lambda x: mesh(x, 2, 1 / 32, IN_COLOUR),
    "mesh in colour, period 2, 1/16": lambda x: mesh(x, 2, 1 / 16, IN_COLOUR),
    "mesh in colour, period 4, 1/32": lambda x: mesh(x, 4, 1 / 32, IN_COLOUR),
    "mesh in colour, period 4, 1/16": lambda x: mesh(x, 4, 1 / 16, IN_COLOUR),
    "blur, 0.5 pixels": lambda x: blurred(x, 0.5),
    "blur, 1 pixel": lambda x: blurred(x, 1.0),
    "blur, 2 pixels": lambda x: blurred(x, 2.0),
    "noise, 4 levels": lambda x: noisy(x, 4.0),
    "noise, 8 levels": lambda x: noisy(x, 8.0),
    "noise, 16 levels": lambda x: noisy(x, 16.0),
    "JPEG, quality 80": lambda x: compressed(x, 80),
    "JPEG, quality 50": lambda x: compressed(x, 50),
    "JPEG, quality 20": lambda x: compressed(x, 20),
    "blue dimmed by 1/32": lambda x: dimmed(x, 1 / 32),
    "blue dimmed by 1/16": lambda x: dimmed(x, 1 / 16),
    "blue dimmed by 1/8": lambda x: dimmed(x, 1 / 8),
    "red and blue exchanged": lambda x: x[..., ::-1].copy(),
}


# -- faults of sets: rows of all pictures --------------------------------------------------------------------------


def without_clusters(pictures: Array, rows: Array, share: float) -> Array:
    """The rows without whole clusters (nearest of 24 random pictures, in 8x8 pixels) until that share has gone."""
    side = pictures.shape[1] // 8
    small = pictures[rows].reshape(len(rows), 8, side, 8, side, 3).mean((2, 4)).reshape(len(rows), -1)
    squared = np.square(small[:, None] - small[None, :CLUSTERS]).sum(-1)
    cluster = squared.argmin(1)
    kept = rows
    for gone in range(CLUSTERS):
        if len(kept) <= (1 - share) * len(rows):
            break
        kept = rows[cluster > gone]
    return kept


def set_faults(pictures: Array, rest: Array, train: Array, n: int) -> dict[str, Array]:
    some = {f"missing modes, 1/{part}": without_clusters(pictures, rest, 1 / part)[:n] for part in (8, 4, 2)}
    few = {f"copies of {count} pictures": np.resize(rest[:count], n) for count in (n // 2, n // 5, n // 20)}
    known = {
        f"training pictures, {share}": np.concatenate([train[: round(share * n)], rest[: n - round(share * n)]])
        for share in (0.05, 0.2, 0.5)
    }
    return some | few | known


# -- measuring ---------------------------------------------------------------------------------------------------


class Bench:
    """Metrics of one set of pictures."""

    def __init__(self, pictures: Array, n: int, networks: Sequence[Features]) -> None:
        order = np.random.default_rng(0).permutation(len(pictures))
        self.n, self.pictures, self.networks = n, pictures, networks
        self.reference, self.train, self.rest = order[:n], order[n : n + n // 2], order[n + n // 2 :]
        self.features = {network.name: network(pictures) for network in networks}
        self.metrics: dict[str, Metric] = {
            name: load_module("metrics", name).METRIC for name in (*IN_FEATURES, *IN_PICTURES)
        }

    def rows(self, rows: Array) -> dict[str, float]:
        return self._measure(self.pictures[rows], {name: values[rows] for name, values in self.features.items()})

    def changed(self, pictures: Array) -> dict[str, float]:
        return self._measure(pictures, {network.name: network(pictures) for network in self.networks})

    def _measure(self, pictures: Array, features: Mapping[str, Array]) -> dict[str, float]:
        found = {}
        for name, values in features.items():
            known = self.features[name]
            compared = Compared(
                Samples(values), Samples(known[self.reference]), Samples(known[self.train], np.zeros(len(self.train)))
            )
            for metric in IN_FEATURES:
                for value, measured in self.metrics[metric].measure(compared).items():
                    found[f"{value} {name}"] = float(measured)
        compared = Compared(Samples(pictures), Samples(self.pictures[self.reference]))
        for metric in IN_PICTURES:
            found |= {value: float(measured) for value, measured in self.metrics[metric].measure(compared).items()}
        return found

    def real(self) -> list[dict[str, float]]:
        rng = np.random.default_rng(1)
        return [self.rows(rng.permutation(self.rest)[: self.n]) for _ in range(DRAWS)]

    def faulty(self) -> Iterator[tuple[str, dict[str, float]]]:
        fakes = self.pictures[self.rest[: self.n]]
        for name, plant in PIXEL_FAULTS.items():
            yield name, self.changed(plant(fakes))
        for name, rows in set_faults(self.pictures, self.rest, self.train, self.n).items():
            yield name, self.rows(rows)


def columns(networks: Sequence[Features]) -> dict[str, str]:
    """The values that the table shows, with short headings: both distances in every network, all others in the last."""
    both = {f"{value} {network.name}": f"{value} {network.name}" for network in networks for value in ("fd", "kd")}
    shown = ("precision", "recall", "density", "coverage", "memorised share")
    return (
        both
        | {f"{value} {networks[-1].name}": value for value in shown}
        | {"artefacts": "artefacts", "missing_detail": "missing detail"}
    )


def line(name: str, values: Mapping[str, float], real: Sequence[Mapping[str, float]], shown: Sequence[str]) -> str:
    """A row of the table: each value as a multiple of real data's, or itself, and its distance in deviations."""
    cells = []
    for value in shown:
        of_real = [one[value] for one in real]
        mean, deviation = float(np.mean(of_real)), float(np.std(of_real, ddof=1))
        away = (values[value] - mean) / max(deviation, 1e-9)
        measured = f"x {values[value] / mean:.3g}" if value.split()[0] in RATIO else f"{values[value]:.2g}"
        cells.append(f"{measured} ({away:+.0f})")
    return row(name, cells)


def row(name: str, cells: Sequence[str]) -> str:
    return f"| {name} | " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sets", nargs="*", default=list(SETS), choices=list(SETS))
    parser.add_argument("--sides", nargs="*", type=int, default=[64, 128])
    parser.add_argument("-n", type=int, default=1000)
    parser.add_argument("--features", nargs="*", default=["natural32", "natural32_tiles"])
    parser.add_argument("--out", type=Path, default=Path("runs/picture-faults"))
    options = parser.parse_args()
    networks = [load_module("features", name).load() for name in options.features]
    headings = columns(networks)
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.sets:
        for side in options.sides:
            start = time.process_time()
            pictures = np.stack(list(SETS[name](side)))
            bench = Bench(pictures, options.n, networks)
            real, found = bench.real(), {}
            print(f"\n{name}, {side}x{side}: {len(pictures):,} pictures, {options.n:,} samples\n")
            print(row("", list(headings.values())))
            print("|---" * (len(headings) + 1) + "|")
            means = [np.mean([one[value] for one in real]) for value in headings]
            print(row("real data", [f"{mean:.2g}" for mean in means]), flush=True)
            for fault, values in bench.faulty():
                found[fault] = values
                print(line(fault, values, real, list(headings)), flush=True)
            seconds = time.process_time() - start
            print(f"\n{seconds:.0f} s of CPU time", flush=True)
            (options.out / f"{name}-{side}.json").write_text(json.dumps({"real": real, "faults": found}))


if __name__ == "__main__":
    main()
