"""Provenance: the machine and the versions that are recorded, and what a change of them means for a resumed run."""

import os
from typing import Any

import pytest
import torch

from ganwright.core.machine import Machine
from ganwright.runs.provenance import machine_words, no_longer_equal, versions
from ganwright.version import __version__

CPU = Machine(torch.device("cpu"))


@pytest.fixture
def recorded() -> dict[str, Any]:
    """What recipe.json holds of an eager run on this machine."""
    return {"machine": machine_words(CPU, {"compiled_steps_per_call": None}), "versions": versions()}


def test_the_machine_is_recorded_as_it_is_used() -> None:
    machine = Machine(torch.device("cpu"), torch.float64, micro_batch=8)
    described = machine_words(machine, {"compiled_steps_per_call": 16})
    assert described.pop("name")
    assert described == {
        "device": "cpu",
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "processes": 1,
        "precision": "float64",
        "micro_batch": 8,
        "compiled_steps_per_call": 16,
    }


def test_lower_precision_of_forward_passes_is_recorded_instead_of_the_weights() -> None:
    assert (
        machine_words(Machine(torch.device("cpu"), autocast=torch.bfloat16), {"compiled_steps_per_call": None})[
            "precision"
        ]
        == "bfloat16"
    )


def test_versions_are_those_that_are_installed() -> None:
    assert versions()["ganwright"] == __version__
    assert versions()["torch"] == torch.__version__


def test_an_unchanged_machine_gives_no_message(recorded: dict[str, Any]) -> None:
    assert no_longer_equal(CPU, {"compiled_steps_per_call": None}, recorded) == []


def test_each_change_is_named(recorded: dict[str, Any]) -> None:
    recorded["versions"]["torch"] = "1.0"
    machine = Machine(torch.device("cpu"), torch.float64, micro_batch=8)
    (message,) = no_longer_equal(machine, {"compiled_steps_per_call": 4}, recorded)
    assert message.startswith("The resumed run will not equal an uninterrupted one bit for bit: ")
    assert message.split(": ", 1)[1] == (
        "precision was float32, is float64; micro_batch was None, is 8; compiled_steps_per_call was None, is 4; "
        f"torch was 1.0, is {torch.__version__}."
    )


def test_another_number_of_threads_is_named(recorded: dict[str, Any]) -> None:
    recorded["machine"]["threads"] += 1
    (message,) = no_longer_equal(CPU, {"compiled_steps_per_call": None}, recorded)
    assert f"threads was {torch.get_num_threads() + 1}, is {torch.get_num_threads()}." in message


def test_only_recorded_properties_are_compared(recorded: dict[str, Any]) -> None:
    del recorded["machine"]["micro_batch"], recorded["versions"]["numpy"]
    assert (
        no_longer_equal(Machine(torch.device("cpu"), micro_batch=8), {"compiled_steps_per_call": None}, recorded) == []
    )
