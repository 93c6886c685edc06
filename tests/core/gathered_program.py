"""Exchanges small tensors of several layouts between processes; run by torchrun."""

import torch

from ganwright.core import ranks

if __name__ == "__main__":
    with ranks.joined(torch.device("cpu")):
        mine, all_ranks = ranks.rank(), torch.arange(ranks.size())
        assert ranks.size() > 2
        for step in range(20):
            assert ranks.gathered(torch.tensor(10 * step + mine)).equal(10 * step + all_ranks)
            transposed = ranks.gathered(torch.full((2, 3), float(mine)).t())
            assert transposed.equal(all_ranks[:, None, None].float().expand(-1, 3, 2))
            assert ranks.mean(torch.tensor(float(mine))).equal(all_ranks.float().mean())
