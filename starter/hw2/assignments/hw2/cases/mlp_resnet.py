import numpy as np
from mlp_resnet import MLPResNet

import needle as ndl
from grader import case


class Doubled(ndl.nn.Module):
    """A norm without parameters, which notes its size."""

    def __init__(self, sizes, dim):
        super().__init__()
        sizes.append(dim)

    def forward(self, x):
        return x * 2.0


def normal(rng, *shape):
    return ndl.Tensor(rng.normal(size=shape).astype(np.float32))


def counted(network):
    """Return how many parameters there are of each shape."""
    shapes = [str(param.shape) for param in network.parameters()]
    return {shape: shapes.count(shape) for shape in sorted(shapes)}


@case()
def in_training_and_in_use(rng):
    network = MLPResNet(6, 8, num_blocks=2, num_classes=4)
    x = normal(rng, 10, 6)
    trained = network(x)
    network.eval()
    return {"trained": trained, "in use": network(x), "parameters": counted(network)}


@case()
def with_another_norm_and_an_odd_size(rng):
    sizes = []
    network = MLPResNet(4, 7, 3, 3, norm=lambda dim: Doubled(sizes, dim), drop_prob=0.4)
    x = normal(rng, 5, 4)
    y = network(x)
    y.backward(normal(rng, 5, 3))
    return {"y": y, "x": x.grad, "norms": sizes, "parameters": counted(network)}


@case(seeds=128)
def with_the_default_sizes(rng):
    network = MLPResNet(12)
    network.eval()
    return {"y": network(normal(rng, 3, 12)), "parameters": counted(network)}
