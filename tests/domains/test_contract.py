"""What every domain keeps, tested on the data of the recipes' contract cases."""

import importlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from ganwright.config.serialization import domain_from_json, domain_to_json
from ganwright.core.data import Data
from ganwright.core.discovery import names


@pytest.fixture(scope="module", params=names("recipes"))
def data(request: pytest.FixtureRequest) -> Data:
    made: Data = importlib.import_module(f"contract_cases.{request.param.replace('-', '_')}").data(False)
    return made


def test_forms_of_a_sample_have_their_shapes_and_types(data: Data) -> None:
    domain, stored = data.domain, np.asarray(data.samples[:8])
    encoded = domain.encode(torch.from_numpy(stored.copy()))
    decoded = domain.decode(encoded)
    assert stored.shape == decoded.shape == (len(stored), *domain.stored_shape)
    assert stored.dtype == decoded.dtype == domain.dtype
    assert encoded.shape == (len(stored), *domain.shape)
    assert encoded.isfinite().all()
    assert not domain.bounded or encoded.abs().max() <= 1
    assert np.allclose(decoded, stored, rtol=1e-5, atol=1e-5, equal_nan=True)


def test_arrays_and_files_are_read_as_they_were_written(data: Data, tmp_path: Path) -> None:
    domain, stored = data.domain, np.asarray(data.samples[:8])
    assert np.array_equal(domain.from_array(domain.to_array(stored), "it"), stored, equal_nan=True)
    np.save(tmp_path / "a.npy", domain.to_array(stored))
    assert np.array_equal(domain.read(tmp_path / "a.npy").samples, stored, equal_nan=True)
    if domain.file_format is not None:
        domain.write_folder(stored, None, tmp_path / "folder")
        assert np.array_equal(domain.read(tmp_path / "folder").samples, stored, equal_nan=True)


def test_a_domain_is_restored_from_recipe_json(data: Data) -> None:
    recorded = json.loads(json.dumps(domain_to_json(data.domain)))
    assert domain_from_json(recorded, "recipe.json") == data.domain
    assert recorded["kind"] in names("domains")


def test_samples_are_rendered_beside_real_ones_and_alone(data: Data) -> None:
    stored = np.asarray(data.samples[:8])
    assert data.domain.render(stored[:4], stored).width >= data.domain.preview(stored[:4]).width > 0
