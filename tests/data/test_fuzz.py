"""Damaged text and arrays load or are refused in one sentence, by mutations of fixed seeds and for any short text."""

import io
import random
import warnings
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faults import array_mutations, csv_mutations
from ganwright.commands.data import describe
from ganwright.config import data_source
from ganwright.core.domain import Domain
from ganwright.core.errors import UserError
from ganwright.domains.images import Images
from ganwright.domains.points import Points
from ganwright.domains.series import Series

TEXTS = {
    "points": "x,y,label\n" + "".join(f"{i}.5,{i * i},{'ab'[i % 2]}\n" for i in range(12)),
    "series": "date,x,y\n" + "".join(f"2020-01-{i + 1:02d},{i}.25,{-i}\n" for i in range(12)),
    "table": "age,job,flag\n" + "".join(f"{20 + i},{'xyz'[i % 3]},{i % 2}\n" for i in range(12)),
}
OPTIONS: Mapping[str, list[dict[str, Any]]] = {
    "points": [{}, {"header": "yes"}, {"decimal": "comma"}],
    "series": [{"window": 3}, {"window": 2, "header": "no"}],
    "table": [{}, {"table": True}, {"categories": ("age",)}, {"missing": ("x", "20")}, {"test": "same.csv"}],
}
ARRAYS = {
    "pictures": np.arange(2 * 8 * 8, dtype=np.uint8).reshape(2, 8, 8),
    "colour": np.arange(2 * 8 * 8 * 3, dtype=np.uint8).reshape(2, 8, 8, 3),
    "points": np.arange(16, dtype=np.uint8).reshape(8, 2),
}


def outcome(path: Path, options: Mapping[str, Any]) -> str:
    """`loaded`, or the sentence by which the file is refused."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a warning would be shown to the user
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            data = data_source.find(str(path), options).data
            assert all(isinstance(value, str) for _, value in describe(data))
        except UserError as error:
            return str(error)
    return "loaded"


def is_a_sentence(message: str) -> bool:
    return message.endswith((".", "?")) and "\n" not in message and len(message) < 2500


@pytest.mark.parametrize("kind", TEXTS)
def test_damaged_text_loads_or_is_refused_in_a_sentence(kind: str, tmp_path: Path) -> None:
    (tmp_path / "same.csv").write_text(TEXTS["table"])
    rng = random.Random(kind)
    found = set()
    for content in islice(csv_mutations.mutations(TEXTS[kind].encode(), rng), 200):
        (tmp_path / "t.csv").write_bytes(content)
        options = rng.choice(OPTIONS[kind])
        message = outcome(tmp_path / "t.csv", options)
        assert message == "loaded" or is_a_sentence(message), (content, options, message)
        found.add(message[:9])
    assert len(found) > 1


@pytest.mark.parametrize("kind", ARRAYS)
def test_damaged_arrays_load_or_are_refused_in_a_sentence(kind: str, tmp_path: Path) -> None:
    rng, buffer = random.Random(kind), io.BytesIO()
    np.save(buffer, ARRAYS[kind])
    for content in islice(array_mutations.mutations(buffer.getvalue(), rng), 200):
        path = tmp_path / rng.choice(("a.npy", "a.npz"))
        path.write_bytes(content)
        options = rng.choice(({}, {}, {"range": "0:1"}, {"size": 8}))
        message = outcome(path, options)
        assert message == "loaded" or is_a_sentence(message), (content, options, message)


@given(
    st.text(alphabet="0123456789.,;\t|\n\r\"'# -+eaxNA$%\u00a0é", max_size=60),
    st.sampled_from([{}, {"table": True}, {"window": 1}]),
)
def test_any_short_text_loads_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str, options: dict[str, Any]
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "t.csv"
    path.write_text(text, encoding="utf-8", newline="")
    message = outcome(path, options)
    assert message == "loaded" or is_a_sentence(message), message


@pytest.mark.parametrize("domain", [Points.plain(2), Series(3, ("x",), (0.0,), (1.0,)), Images(8, 8, 1)])
def test_damaged_samples_are_read_or_refused_in_a_sentence(domain: Domain, tmp_path: Path) -> None:
    rng, buffer = random.Random(0), io.BytesIO()
    np.save(buffer, ARRAYS["pictures"])
    arrays, texts = (
        array_mutations.mutations(buffer.getvalue(), rng),
        csv_mutations.mutations(TEXTS["points"].encode(), rng),
    )
    for name, contents in {"a.npy": arrays, "a.csv": texts}.items():
        for content in islice(contents, 100):
            (tmp_path / name).write_bytes(content)
            message = read(domain, tmp_path / name)
            assert message == "read" or is_a_sentence(message), (content, message)


def read(domain: Domain, path: Path) -> str:
    """`read`, or the sentence by which the file is refused."""
    try:
        shape = domain.read(path).samples.shape[1:]
    except UserError as error:
        return str(error)
    return "read" if shape == domain.stored_shape else f"read as {shape}"
