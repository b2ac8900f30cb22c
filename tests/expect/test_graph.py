"""What a tensor holds on to, and what its graph gives elsewhere."""

from expect.tensors import multiply, tensor

from grader.expect import reachable
from grader.expect.graph import replay


def test_every_node_behind_a_tensor_is_found_once() -> None:
    a, b = tensor([1]), tensor([2])
    c = multiply(a, b)
    d = multiply(c, c)
    found = reachable(d, c)
    assert len(found) == 4
    assert {id(node) for node in found} == {id(a), id(b), id(c), id(d)}


def test_a_chain_of_100_000_nodes_is_walked_and_computed_without_recursion() -> None:
    x = y = tensor([1])
    one = tensor([1])
    for _ in range(100_000):
        y = multiply(y, one)
    assert len(reachable(y)) == 100_002
    assert replay(y, {id(x): tensor([3]).array}).tolist() == [3]
    while y.inputs:  # taken apart from the top: freeing it whole would recurse
        y.inputs, y = (), y.inputs[0]


def test_a_graph_is_computed_again_from_other_leaves_and_keeps_its_constants() -> None:
    a, b = tensor([1]), tensor([2])
    c = multiply(a, b)
    assert replay(multiply(c, a), {id(a): tensor([5]).array}).tolist() == [50]
    assert c.array.tolist() == [2]
