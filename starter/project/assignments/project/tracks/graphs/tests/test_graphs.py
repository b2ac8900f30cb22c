"""The matrix is the worked one, and no numbering of the nodes is special."""

import numpy as np
import pytest

import needle as ndl
from project.graphs import GraphConvolution, normalized

rng = np.random.default_rng(0)
PATH = np.array([[0, 1], [1, 2]])


def test_the_worked_path_has_these_entries() -> None:
    found = normalized(PATH, 3)
    a, b = 1 / 2, 6**-0.5
    assert found.dtype == np.float32
    assert found == pytest.approx(np.array([[a, b, 0], [b, 1 / 3, b], [0, b, a]]), abs=1e-6)


def test_an_edge_given_twice_or_backwards_counts_once() -> None:
    again = np.array([[0, 1], [1, 0], [2, 1], [2, 1]])
    assert normalized(again, 3) == pytest.approx(normalized(PATH, 3))


def test_a_node_without_neighbours_keeps_its_own_features() -> None:
    assert normalized(PATH, 4)[3] == pytest.approx([0, 0, 0, 1])
    assert normalized(np.zeros((0, 2), dtype=int), 2) == pytest.approx(np.eye(2))


def test_the_layer_mixes_and_then_applies_the_linear_layer() -> None:
    layer, x = GraphConvolution(4, 2), rng.normal(size=(3, 4)).astype("float32")
    mixing = normalized(PATH, 3)
    expected = (mixing @ x) @ layer.linear.weight.numpy() + layer.linear.bias.numpy()
    assert layer(ndl.Tensor(x), ndl.Tensor(mixing)).numpy() == pytest.approx(expected, abs=1e-5)


def test_numbering_the_nodes_anew_changes_nothing_else() -> None:
    edges, x = rng.integers(0, 6, size=(8, 2)), rng.normal(size=(6, 4)).astype("float32")
    edges = edges[edges[:, 0] != edges[:, 1]]
    layer, order = GraphConvolution(4, 3), rng.permutation(6)
    first = layer(ndl.Tensor(x), ndl.Tensor(normalized(edges, 6))).numpy()
    anew = np.argsort(order)[edges]  # node order[i] is now called i
    second = layer(ndl.Tensor(x[order]), ndl.Tensor(normalized(anew, 6))).numpy()
    assert second == pytest.approx(first[order], abs=1e-5)


def test_gradients_reach_the_features_of_neighbours() -> None:
    layer = GraphConvolution(2, 1)
    x = ndl.Tensor(np.ones((3, 2), dtype="float32"), requires_grad=True)
    picked = ndl.Tensor(np.array([[1.0, 0, 0]], dtype="float32"))
    (picked @ layer(x, ndl.Tensor(normalized(PATH, 3)))).sum().backward()
    reached = np.abs(x.grad.numpy()).sum(axis=1)
    assert (reached[:2] > 0).all()
    assert reached[2] == 0
