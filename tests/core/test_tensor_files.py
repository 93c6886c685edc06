"""Tensors are read under any name of a file."""

import os
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from ganwright.core.tensor_files import load_file


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
@pytest.mark.parametrize("name", [b"plain", b"caf\xc3\xa9", b"caf\xe9"])
def test_a_file_of_any_name_is_read(name: bytes, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(name)
    path.write_bytes(save({"x": torch.arange(3)}))
    assert load_file(path)["x"].tolist() == [0, 1, 2]
