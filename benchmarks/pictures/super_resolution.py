"""Measures both stages of srgan on test sets, beside bicubic interpolation.

    python benchmarks/pictures/super_resolution.py PHOTOGRAPHS SET5 SET14 [--seeds 1] [--picture PHOTO.png]

PHOTOGRAPHS is a folder of pictures of any size. SET5 and SET14 are folders of pairs NAME_HR.png, NAME_LR.png (x4),
which are not trained on. The two stages of each seed are separate runs, the second starting from the first; `default`
is one run of the recipe with both stages. PSNR and SSIM are computed on luma and on RGB without a border of 4 pixels,
the feature distance on parts of 32x32 pixels in natural32, the spectrum on whole pictures. `--picture` also renders
PHOTO: low resolution, bicubic, every stage, original. Finished runs are not trained again.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

import ganwright
from ganwright.domains.images import Images, grid
from ganwright.features import natural32
from ganwright.judging.pairs import Pair, judge_pairs, read
from ganwright.metrics.spectrum import spectrum
from ganwright.recipes._low_resolution import downsampled
from ganwright.runs.run import Run

sys.path.insert(0, str(Path(__file__).parents[1] / "papers"))
from results import Results, markdown, mean

SCALE, TILES = 4, 96
STAGES = {"pixels": 30_000, "adversarial": 1_600, "default": None}  # examples; None: the recipe's horizon
SIDE = 144  # pixels of the original in a rendered picture
COLUMNS = {"psnr_y": 2, "ssim_y": 4, "psnr_rgb": 2, "ssim_rgb": 4, "feature_distance": 3, "spectrum": 2}
Enlarge = Callable[[np.ndarray], np.ndarray]


def bicubic(picture: np.ndarray) -> np.ndarray:
    """uint8 [height, width, 1 or 3], upscaled four times by Pillow."""
    image = Image.fromarray(picture[..., 0] if picture.shape[2] == 1 else picture)
    large = image.resize((image.width * SCALE, image.height * SCALE), Image.Resampling.BICUBIC)
    return np.asarray(large).reshape(large.height, large.width, -1)


def pairs(folder: Path, enlarge: Enlarge) -> Iterator[Pair]:
    """Every low-resolution picture of a test set, upscaled, with its original."""
    for path in sorted(folder.glob("*_HR.png")):
        yield Pair(path.stem, enlarge(read(path.with_name(path.name.replace("_HR", "_LR")))), read(path))


def measured(folder: Path, enlarge: Enlarge) -> dict[str, float]:
    upscaled = list(pairs(folder, enlarge))
    card = judge_pairs(upscaled, (), natural32.load(), {"samples": str(folder)})
    values = {value.name: value.samples.value for value in card.values if value.samples is not None}
    return values | {"spectrum": float(np.mean([spectrum(pair.fake[None], pair.real[None]) for pair in upscaled]))}


def trained(photographs: Path, out: Path, seed: int, stage: str) -> tuple[Run, float]:
    """The run of one stage, and its CPU time in seconds; the adversarial stage starts from the pixel stage."""
    pixels, folder = out / f"seed-{seed}-pixels", out / f"seed-{seed}-{stage}"
    options: dict[str, Any] = {
        "pixels": {"pixel_share": 1},
        "adversarial": {"pixel_share": 0, "start_from": str(pixels), "ema_half_life": 300},
        "default": {},
    }[stage]
    examples = STAGES[stage]
    start = time.process_time()
    run = ganwright.train(
        "srgan", str(photographs), folder, tiles=TILES, examples=examples, seed=seed, quiet=True, threads=1, **options
    )
    return run, time.process_time() - start


def small(photo: Path) -> np.ndarray:
    """A photograph's low-resolution version."""
    real = original(photo)
    encoded = Images(*real.shape).encode(torch.from_numpy(real.copy())[None])
    return Images(*real.shape).decode(downsampled(encoded, SCALE))[0]


def original(photo: Path) -> np.ndarray:
    """A photograph, cropped to sides divisible by the scale."""
    real = read(photo)
    height, width = (side // SCALE * SCALE for side in real.shape[:2])
    return real[:height, :width]


def comparison(photo: Path, enlarged: list[np.ndarray]) -> Image.Image:
    """The centre of a photograph: low resolution, bicubic, the output of each stage, and the original."""
    low, real = small(photo), original(photo)
    versions = [low.repeat(SCALE, 0).repeat(SCALE, 1), bicubic(low), *enlarged, real]
    side = min(*real.shape[:2], SIDE)
    top, left = (real.shape[0] - side) // 2, (real.shape[1] - side) // 2
    return grid(np.stack([picture[top : top + side, left : left + side] for picture in versions]), len(versions))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("photographs", type=Path)
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--stages", nargs="+", default=list(STAGES), choices=list(STAGES))
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--out", type=Path, default=Path("runs/super-resolution"))
    arguments = parser.parse_args()
    results = Results(arguments.out / "results.jsonl", ["stage", "seed"])
    if not results.has(stage="bicubic", seed=0):
        results.add({"stage": "bicubic", "seed": 0, "values": {s.name: measured(s, bicubic) for s in arguments.sets}})
    for seed in range(arguments.seeds):
        for stage in arguments.stages:
            if results.has(stage=stage, seed=seed):
                continue
            run, seconds = trained(arguments.photographs, arguments.out, seed, stage)
            values = {test_set.name: measured(test_set, run.apply) for test_set in arguments.sets}
            results.add(
                {"stage": stage, "seed": seed, "examples": STAGES[stage], "seconds": round(seconds), "values": values}
            )
            if arguments.picture is not None:
                Image.fromarray(run.apply(small(arguments.picture))).save(arguments.out / f"seed-{seed}-{stage}.png")
    for test_set in arguments.sets:
        print(f"**{test_set.name}**\n\n{table(results, test_set.name)}\n")
    if arguments.picture is not None and len(arguments.stages) == len(STAGES):
        outputs = [read(arguments.out / f"seed-0-{stage}.png") for stage in STAGES]
        comparison(arguments.picture, outputs).save(arguments.out / "picture.png")


def table(results: Results, test_set: str) -> str:
    """A row for each stage, with means over seeds."""
    lines = []
    for stage in ("bicubic", *STAGES):
        rows = results.of(stage=stage)
        if not rows:
            continue
        figures = [mean([row["values"][test_set][name] for row in rows], digits) for name, digits in COLUMNS.items()]
        lines.append([stage, *figures, ", ".join(str(row.get("seconds", "")) for row in rows)])
    return markdown(["", *COLUMNS, "CPU seconds"], lines)


if __name__ == "__main__":
    main()
