"""A library in small, with as much of a graph as the vocabulary speaks of."""

import numpy as np


class Tensor:
    """A node: a leaf, or what an op made of its inputs."""

    def __init__(self, array, dtype=None, op=None, inputs=()):
        self.array = np.array(array.array if isinstance(array, Tensor) else array, dtype=dtype)
        self.op = op
        self.inputs = inputs
        self.grad = None

    def numpy(self):
        return self.array

    def realize_cached_data(self):
        return self.array

    def backward(self, out_grad):
        """Leave gradients in the inputs of this one op."""
        for tensor, grad in zip(self.inputs, self.op.gradient_as_tuple(out_grad, self), strict=True):
            tensor.grad = grad

    def __mul__(self, other):
        return Multiply()(self, other)


class Op:
    def __call__(self, *inputs):
        return Tensor(self.compute(*[one.array for one in inputs]), op=self, inputs=inputs)

    def gradient_as_tuple(self, out_grad, node):
        found = self.gradient(out_grad, node)
        return found if isinstance(found, tuple) else (found,)


class Multiply(Op):
    def compute(self, a, b):
        return a * b

    def gradient(self, out_grad, node):
        a, b = node.inputs
        return out_grad * b, out_grad * a


class AddUp(Op):
    def compute(self, a):
        return np.sum(a, keepdims=True)

    def gradient(self, out_grad, node):
        return Spread(node.inputs[0].array.shape)(out_grad)


class Spread(Op):
    def __init__(self, shape):
        self.shape = shape

    def compute(self, a):
        return np.broadcast_to(a, self.shape).copy()

    def gradient(self, out_grad, node):
        return AddUp()(out_grad)


def multiply(a, b):
    return Multiply()(a, b)


def spread(a, shape):
    return Spread(shape)(a)


def tensor(values):
    return Tensor(values, dtype="float32")
