"""Walk the graph of ops that tensors hold on to, and compute it again from other inputs."""

from typing import Any


def reachable(*tensors: Any) -> list[Any]:
    """Return the nodes that these tensors keep alive through `inputs`, themselves included, each once."""
    found: dict[int, Any] = {}
    waiting = [*tensors]
    while waiting:
        node = waiting.pop()
        if id(node) not in found:
            found[id(node)] = node
            waiting += getattr(node, "inputs", None) or ()
    return list(found.values())


def replay(tensor: Any, arrays: dict[int, Any]) -> Any:
    """Compute a tensor again with other arrays in the place of some nodes, which are named by their id."""
    known = dict(arrays)
    waiting = [tensor]
    while waiting:
        node = waiting[-1]
        inputs = getattr(node, "inputs", None) or ()
        missing = [one for one in inputs if id(one) not in known]
        if id(node) in known or not missing:
            waiting.pop()
        if id(node) not in known:
            if missing:
                waiting += missing
            elif node.op is None:
                known[id(node)] = node.realize_cached_data()
            else:
                known[id(node)] = node.op.compute(*[known[id(one)] for one in inputs])
    return known[id(tensor)]
