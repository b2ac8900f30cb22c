"""topological_sort: graphs small enough to draw on paper, drawn graphs of any form, and a very deep one."""

from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, seen
from grader.expect.drawing import reproducible
from needle.autograd import find_topo_sort


class Graph:
    """Values named by the Python that makes them: Graph("a = ndl.Tensor(2.0)", "b = a * 3")."""

    def __init__(self, *lines):
        self.lines, self.values = lines, {}
        exec("\n".join(lines), {"ndl": ndl}, self.values)
        self.names = {id(value): name for name, value in self.values.items()}

    def sorted(self, *outputs):
        """Return the names, in order, of what find_topo_sort returns for these outputs."""
        made = call(find_topo_sort, [self.values[name] for name in outputs]).has_type(list)
        return [self.names.get(id(value), f"<{type(value).__name__}>") for value in made.value]

    def fail(self, what, outputs, found, expected, because):
        """Fail with the graph as Python that can be pasted, and the orders as names."""
        text = "; ".join([*self.lines, f"ndl.autograd.find_topo_sort([{', '.join(outputs)}])"])
        seen(text, None).fail(what, " ".join(found), expected, because)

    def sorts(self, *outputs, into, because):
        """Expect the names in this order."""
        found = self.sorted(*outputs)
        if found != into.split():
            self.fail("the order is wrong", outputs, found, into, because)


@st.composite
def graphs(draw):
    """Draw two to four leaves a, b, ... and up to eight ops on what stands above them."""
    names = ["a", "b", "c", "d"][: draw(st.integers(2, 4))]
    lines = [f"{name} = ndl.Tensor(1.0)" for name in names]
    for at in range(draw(st.integers(1, 8))):
        left, right = draw(st.sampled_from(names)), draw(st.sampled_from(names))
        lines.append(f"v{at} = {left} {draw(st.sampled_from('+*'))} {right}")
        names.append(f"v{at}")
    return Graph(*lines)


def test_a_chain_is_listed_from_its_leaf_on():
    because = "c is made of b, and b of a: a value comes after what it was made of."
    Graph("a = ndl.Tensor(2.0)", "b = a * 3", "c = b + 1").sorts("c", into="a b c", because=because)


def test_the_inputs_of_an_op_are_entered_from_left_to_right():
    because = "c's left input is b, so b comes first, though a was made before it."
    Graph("a = ndl.Tensor(1.0)", "b = ndl.Tensor(2.0)", "c = b * a").sorts("c", into="b a c", because=because)


def test_the_left_input_is_listed_with_all_that_it_was_made_of_before_the_right_is_entered():
    graph = Graph(
        "a = ndl.Tensor(1.0)",
        "b = ndl.Tensor(2.0)",
        "c = ndl.Tensor(3.0)",
        "d = a * b",
        "e = d * 2",
        "f = e + c",
    )
    because = "the search is depth-first: e's inputs, and theirs, come before c, the right input of f."
    graph.sorts("f", into="a b d e c f", because=because)


def test_a_diamond_lists_what_both_sides_share_once():
    graph = Graph("a = ndl.Tensor(2.0)", "b = a * 2", "c = a + 1", "d = b * c")
    because = "a is reached through b first, and through c again: it is listed once, and before both."
    graph.sorts("d", into="a b c d", because=because)


def test_a_value_that_is_an_input_twice_is_listed_once():
    because = "both inputs of b are the same value, a."
    Graph("a = ndl.Tensor(3.0)", "b = a * a").sorts("b", into="a b", because=because)


def test_equal_numbers_are_different_values():
    because = "a and b hold the same number, and are two nodes of the graph nevertheless."
    Graph("a = ndl.Tensor(3.0)", "b = ndl.Tensor(3.0)", "c = a + b").sorts("c", into="a b c", because=because)


def test_a_value_reached_near_the_output_and_again_further_down_comes_before_all_its_users():
    graph = Graph("a = ndl.Tensor(2.0)", "b = a * 2", "c = b + 1", "d = c * 3", "e = d + b")
    because = "b is an input of e, and of c, which e needs too: c must find b listed."
    graph.sorts("e", into="a b c d e", because=because)
    because = "the same, with b on the left: it is entered first."
    Graph(*graph.lines[:-1], "e = b + d").sorts("e", into="a b c d e", because=because)


def test_the_list_is_gone_through_in_its_order_and_no_value_is_listed_twice():
    graph = Graph("a = ndl.Tensor(2.0)", "b = ndl.Tensor(5.0)", "c = a * 2", "d = b * a", "e = b + 1")
    because = "first all that d needs, then what c needs beside that; e is not asked for."
    graph.sorts("d", "c", into="b a d c", because=because)
    graph.sorts("c", "d", into="a c b d", because="first all that c needs, then what d needs beside that.")
    graph.sorts("c", "a", "c", into="a c", because="a is one of c's inputs, and c stands twice in the list.")


def test_the_list_that_was_passed_stays_as_it_was():
    graph = Graph("a = ndl.Tensor(2.0)", "b = a * 3")
    outputs = [graph.values["b"], graph.values["a"]]
    call(find_topo_sort, outputs)
    left = [graph.names.get(id(value), "?") for value in outputs]
    if left != ["b", "a"]:
        graph.fail(
            "the list was changed", ["b", "a"], left, "b a", "the list is the caller's. Work on a copy."
        )


@reproducible
@given(graphs())
def test_any_graph_is_its_left_part_then_what_is_new_in_its_right_part_then_the_output(graph):
    output = graph.lines[-1].split()
    name, left, right = output[0], output[2], output[4]
    found = graph.sorted(name)
    of_left, of_right = graph.sorted(left), graph.sorted(right)
    expected = f"{' '.join(of_left)}, then the new ones of {' '.join(of_right)}, then {name}"
    because = f"{name} is made of {left} (left) and {right} (right). Each value once."
    if found[: len(of_left)] != of_left or found[-1:] != [name] or len(set(found)) < len(found):
        graph.fail("the order is wrong", [name], found, expected, because)
    if {*found} != {*of_left, *of_right, name}:
        graph.fail("values are missing, or stand there needlessly", [name], found, expected, because)
    places = [of_right.index(one) for one in found[len(of_left) : -1]]
    if places != [*sorted(places)]:
        graph.fail("the right part's own order changed", [name], found, expected, because)


def test_a_chain_of_100000_ops_needs_no_recursion():
    value = ndl.Tensor(0.0)
    for _ in range(100_000):
        value = value + 1
    text = "x = ndl.Tensor(0.0); [x := x + 1 for _ in range(100_000)]; len(ndl.autograd.find_topo_sort([x]))"
    because = (
        "Python's own stack holds about 1000 calls; a list of your own, used as a stack, has no such limit."
    )
    try:
        order = find_topo_sort([value])
    except RecursionError:
        seen(text, None).fail("a RecursionError", "it went too deep", "100001 values", because)
    seen(text, len(order)).returns(100_001, because="there are 100,000 ops and one leaf.")
    seen(text.replace("len(", "").replace("])", "])[-1] is x"), order[-1] is value).returns(True)
