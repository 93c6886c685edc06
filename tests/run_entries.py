"""What a run folder's JSON files hold, in its smallest valid form."""

from typing import Any

SETTINGS: dict[str, Any] = {
    "recipe": "vanilla",
    "as_source": False,
    "seed": 0,
    "options": {},
    "start_from": None,
    "data": {
        "source": "digits",
        "options": {},
        "name": "digits",
        "count": 3,
        "domain": {"kind": "images", "height": 8, "width": 8, "channels": 1},
        "classes": ["a", "b"],
        "class_counts": [1, 2],
        "fingerprint": "0",
    },
    "horizon": {"examples": 64, "requested": {"examples": 64, "steps": None, "epochs": None, "minutes": None}},
    "machine": {
        "device": "cpu",
        "name": "x86_64",
        "cores": 2,
        "threads": 1,
        "processes": 1,
        "precision": "float32",
        "micro_batch": None,
        "compiled_steps_per_call": None,
    },
    "versions": {"ganwright": "0"},
    "began": "2026-01-01T00:00:00+00:00",
}


def log_line(examples: int, **terms: float | None) -> dict[str, Any]:
    """A line of log.jsonl."""
    return {
        "examples": examples,
        "step": examples // 32,
        "stage": 0,
        "epoch": 0.5,
        "seconds": 1.0,
        "examples_per_second": 32.0,
        "terms": terms,
        "learning_rates": {"generator": 0.1},
        "verdict": {"name": "undecided", "evidence": "no health check yet"},
        "gradient_norms": {"generator": 1.0},
    }


def state(examples: int) -> dict[str, Any]:
    """state.json, without format, keep and hashes."""
    return {
        "clock": {"examples": examples, "step": examples // 32, "stage": 0, "stage_began": 0},
        "callbacks": {},
        "optimizers": {},
        "game": {"odd": float("nan")},
    }
