"""Keras 3's layers, where its defaults and its "same" padding differ from torch's."""

from __future__ import annotations

from torch import Tensor, nn

from ganwright.nets.convolution import conv2d, conv_transpose2d

SLOPE = 0.3  # LeakyReLU's negative slope
MOMENTUM = 0.01  # of batch norm: 1 - Keras's .99
EPS = 1e-3  # of batch norm


class SameConv2d(nn.Conv2d):
    """A convolution with "same" padding: the output size is ceil(size / stride), and an odd pad goes after.

    torch's `padding=2` for a 5x5 kernel and stride 2 pads two before and two after, which shifts the image.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, bias: bool = True) -> None:
        super().__init__(inputs, outputs, kernel, stride, bias=bias)

    def forward(self, pictures: Tensor) -> Tensor:
        kernel, stride = self.kernel_size[0], self.stride[0]
        above, left = (same_padding(size, kernel, stride) // 2 for size in pictures.shape[2:])
        return conv2d(pictures, self.weight, self.bias, stride, (above, left), self.training)


class SameConvTranspose2d(nn.ConvTranspose2d):
    """The transpose of `SameConv2d`: the output size is size * stride."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, bias: bool = True) -> None:
        self.before = same_padding(stride, kernel, stride) // 2
        super().__init__(inputs, outputs, kernel, stride, padding=self.before, bias=bias)

    def forward(self, pictures: Tensor, output_size: list[int] | None = None) -> Tensor:
        before = self.before, self.before
        return conv_transpose2d(pictures, self.weight, self.bias, self.stride[0], before, self.training)


def same_padding(size: int, kernel: int, stride: int) -> int:
    """Total pixels of padding along one axis, before and after, by TensorFlow's rule for "SAME"."""
    return max((-(-size // stride) - 1) * stride + kernel - size, 0)


class _Biased(nn.Module):
    """A mixin for batch norm whose running variance is divided by n; torch divides by n - 1."""

    biased = True  # read where the statistics of several processes are synchronised
    running_var: Tensor | None

    def __init__(self, features: int) -> None:
        super().__init__(features, eps=EPS, momentum=MOMENTUM)

    def forward(self, samples: Tensor) -> Tensor:
        before = None if self.running_var is None else self.running_var.clone()
        output: Tensor = super().forward(samples)
        if not self.training or self.running_var is None or before is None:
            return output
        count = samples.numel() // samples.shape[1]
        # (1 - m) before + m v n/(n-1) becomes (1 - m) before + m v, with biased variance v and momentum m
        self.running_var.data.lerp_((1 - MOMENTUM) * before, 1 / count)  # .data: the backward pass holds the buffer
        return output


class BiasedBatchNorm1d(_Biased, nn.BatchNorm1d):
    """Batch norm of [n, features]."""


class BiasedBatchNorm2d(_Biased, nn.BatchNorm2d):
    """Batch norm of [n, channels, height, width]."""


def glorot(network: nn.Module) -> nn.Module:
    """Glorot-uniform weights and zero biases in every dense and convolution layer (Glorot & Bengio 2010)."""
    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return network
