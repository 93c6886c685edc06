"""The 2,048 features of the standard FID: Inception-v3 of 2015-12-05, layer pool3, as torch-fidelity computes it.

M. Heusel et al., GANs trained by a two time-scale update rule converge to a local Nash equilibrium, 2017. Only a
Fréchet distance in these features is called FID. The network and its weights are torch-fidelity's (A. Obukhov et al.,
https://github.com/toshas/torch-fidelity), converted from TensorFlow; the network resizes to 299x299 as TensorFlow 1
does, bilinear and not antialiased.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import nn

from ganwright.core.errors import MissingExtraError, UserError
from ganwright.core.metric import Array
from ganwright.core.system import expanded
from ganwright.features._pictures import check, chunks

PACKAGE = "torch_fidelity"
SIZE = 2048
CHUNK = 32  # pictures; the widest layer holds 1.4 million values of each
FOLDER = "inception"  # below the folders that GANWRIGHT_DATA lists


class Inception:
    """Features (core/features.py) of the standard FID."""

    name = "inception"
    size = SIZE

    def __init__(self, network: nn.Module, device: torch.device, protocol: dict[str, Any]) -> None:
        self.protocol = protocol
        self._network, self._device = network, device

    @torch.no_grad()
    def __call__(self, pictures: Array) -> Array:
        """uint8 [n, height, width, 1 or 3] to float32 [n, 2048]; grey is repeated to three channels.

        Raises UserError for other arrays.
        """
        check(pictures)
        # TF32 would round a GPU's products to ten bits
        with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
            features: Array = np.concatenate([self._chunk(chunk) for chunk in chunks(pictures, CHUNK)])
        return features[: len(pictures)]

    def _chunk(self, pictures: Array) -> Array:
        planes = torch.tensor(pictures, device=self._device).permute(0, 3, 1, 2).expand(-1, 3, -1, -1)
        (outputs,) = self._network(planes.contiguous())
        features: Array = outputs.float().cpu().numpy()
        return features


def load(device: torch.device | str | None = None) -> Inception:
    """The network in evaluation mode on `device` (default: the GPU if there is one, otherwise the CPU).

    The weights are read from GANWRIGHT_DATA (folder inception/, under torch-fidelity's file name), otherwise from
    torch's hub cache, into which they are downloaded once (91 MiB).

    Raises MissingExtraError without torch-fidelity, and UserError if it cannot be imported, or the weights are damaged
    or cannot be downloaded.
    """
    module = _module()
    path = _weights(module.URL_INCEPTION_V3)
    sha256 = _checked(path)
    resolved = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    network = module.FeatureExtractorInceptionV3("inception-v3-compat", [str(SIZE)], str(path)).to(resolved).eval()
    protocol = {
        "name": Inception.name,
        "network": "Inception-v3 of 2015-12-05 (TensorFlow), pool3",
        "implementation": f"torch-fidelity {_version()}",
        "training_data": ["imagenet"],
        "weights": path.name,
        "sha256": sha256,
        "input": [299, 299, 3],
        "resize": "TensorFlow 1's bilinear, not antialiased, in float32",
    }
    return Inception(network, resolved, protocol)


def _module() -> ModuleType:
    """The module of torch-fidelity that holds the network."""
    try:
        with _without_package_init():
            return importlib.import_module(f"{PACKAGE}.feature_extractor_inceptionv3")
    except (ImportError, OSError, RuntimeError) as error:
        raise UserError(f"FID needs torch-fidelity, which cannot be imported: {error}.") from error


@contextmanager
def _without_package_init() -> Iterator[None]:
    """A context in which a module of torch-fidelity is imported without the package's `__init__`.

    That imports torchvision, which the network does not need, and whose default wheel fails to import with a CPU build
    of torch. Other imports of the package, before or after, get the complete package.
    """
    if PACKAGE in sys.modules:
        yield
        return
    if (spec := importlib.util.find_spec(PACKAGE)) is None:
        raise MissingExtraError("metrics", "The FID")
    bare = ModuleType(PACKAGE)
    bare.__path__ = list(spec.submodule_search_locations or ())
    sys.modules[PACKAGE] = bare
    try:
        yield
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
            del sys.modules[name]


def _weights(address: str) -> Path:
    """The user's own file, or the one in torch's cache, downloaded if missing."""
    name = address.rpartition("/")[2]
    roots = [expanded(root) for root in os.environ.get("GANWRIGHT_DATA", "").split(os.pathsep) if root]
    for path in (root / FOLDER / name for root in roots):
        if path.is_file():
            return path
    path = Path(torch.hub.get_dir()) / "checkpoints" / name
    if not path.is_file():
        _download(address, path)
    return path


def _download(address: str, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(address, str(path), _prefix(path), progress=sys.stderr.isatty())
    except (OSError, RuntimeError) as error:
        raise UserError(
            f"The Inception weights could not be downloaded from {address} ({error}). Without a network, put the file "
            f"into FOLDER/{FOLDER} and set GANWRIGHT_DATA=FOLDER."
        ) from error


def _checked(path: Path) -> str:
    """The sha256; raises UserError unless it begins with the digits in the file's name (the naming of torch's hub)."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if not sha256.startswith(_prefix(path)):
        raise UserError(f"{path} is damaged: its sha256 begins with {sha256[:8]}, not {_prefix(path)}. Delete it.")
    return sha256


def _prefix(path: Path) -> str:
    return path.stem.rpartition("-")[2]


def _version() -> str:
    try:
        return importlib.metadata.version("torch-fidelity")
    except importlib.metadata.PackageNotFoundError:
        return "of unknown version"
