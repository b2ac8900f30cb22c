"""resnet9: which layers are called, on what, what residual pairs add, how weights are drawn, and steps."""

import numpy as np
from resnet9 import ResNet9

import needle as ndl
from grader.expect import call, seen, shown_as

IMAGES = np.random.RandomState(0).uniform(-1, 1, size=(8, 3, 32, 32)).astype("float32")
CALLED = [
    "Conv(3, 16, 7, stride=4) of (8, 3, 32, 32)",
    "BatchNorm2d(16) of (8, 16, 8, 8)",
    "Conv(16, 32, 3, stride=2) of (8, 16, 8, 8)",
    "BatchNorm2d(32) of (8, 32, 4, 4)",
    *["Conv(32, 32, 3, stride=1) of (8, 32, 4, 4)", "BatchNorm2d(32) of (8, 32, 4, 4)"] * 2,
    "Conv(32, 64, 3, stride=2) of (8, 32, 4, 4)",
    "BatchNorm2d(64) of (8, 64, 2, 2)",
    "Conv(64, 128, 3, stride=2) of (8, 64, 2, 2)",
    "BatchNorm2d(128) of (8, 128, 1, 1)",
    *["Conv(128, 128, 3, stride=1) of (8, 128, 1, 1)", "BatchNorm2d(128) of (8, 128, 1, 1)"] * 2,
    "Linear(128, 128) of (8, 128)",
    "Linear(128, 10) of (8, 128)",
]
WEIGHTED = (ndl.nn.Conv, ndl.nn.BatchNorm2d, ndl.nn.Linear)


def said(layer):
    """Return Python that makes a layer like this one."""
    if isinstance(layer, ndl.nn.Conv):
        size = layer.weight.shape[0]
        return f"Conv({layer.in_channels}, {layer.out_channels}, {size}, stride={layer.stride})"
    sizes = layer.dim if isinstance(layer, ndl.nn.BatchNorm2d) else layer.weight.shape
    return f"{type(layer).__name__}({sizes})".replace("((", "(").replace("))", ")")


def watched(network):
    """Let the layers with weights note themselves and what they are given; return the list of the notes."""
    notes = []

    def watch(layer):
        forward = layer.forward

        def noting(x):
            notes.append((layer, x.numpy().copy()))
            return forward(x)

        layer.forward = noting

    for layer in network._children():
        if isinstance(layer, WEIGHTED):
            watch(layer)
    return notes


def run_through():
    """Return what the layers of a new network note, as it is called with the images."""
    np.random.seed(0)
    network = ResNet9()
    notes = watched(network)
    network(ndl.Tensor(IMAGES))
    return notes


def test_layers_are_called_one_after_the_other_each_on_what_the_one_before_made():
    found = [f"{said(layer)} of {x.shape}" for layer, x in run_through()]
    text = "network = ResNet9(); its layers, as network(x) calls them"
    for at, (one, expected) in enumerate(zip([*found, "nothing"], [*CALLED, "nothing"], strict=False)):
        if one != expected:
            because = (
                "a ConvBN is a Conv and then a BatchNorm2d; strides 4, 2, 2, 2 leave one pixel of 32 x 32."
            )
            seen(text, found).fail(f"layer {at} is another one", one, expected, because)


def test_what_a_layer_is_given_has_passed_a_relu_where_there_is_one():
    notes = run_through()
    for at, (layer, x) in enumerate(notes[1:-2], 1):
        least = float(x.min())
        if isinstance(layer, ndl.nn.Conv) and least < 0:
            because = "every ConvBN ends with a ReLU, so that a convolution is given no number below 0."
            found = seen("network = ResNet9(); network(x)", least)
            found.fail(
                f"{said(layer)}, layer {at}, is given {least:.4g}", f"{least:.4g}", "0 or more", because
            )
        if isinstance(layer, ndl.nn.BatchNorm2d) and least >= 0:
            because = "a batch norm normalizes what the convolution made, before the ReLU."
            found = seen("network = ResNet9(); network(x)", least)
            found.fail(f"{said(layer)}, layer {at}, is given none below 0", f"{least:.4g}", "both", because)
    seen("the least that the last Linear is given", min(0.0, notes[-1][1].min())).returns(0)


def test_a_residual_pair_adds_to_what_comes_in_what_a_relu_let_through():
    notes = run_through()
    for first, behind, name in ((4, 8, "the pair of 32"), (12, 16, "the pair of 128")):
        into, out = notes[first][1], notes[behind][1]
        added = out.reshape(into.shape) - into
        text = f"what {name} channels adds to its input"
        least = seen(f"{text}; the least of it", round(float(added.min()), 4))
        least.returns(0, because="the second ConvBN ends with a ReLU, and nothing follows the sum.")
        because = "x + fn(x): a network of plain layers would return fn(x), and fn(x) - x would be seen here."
        share = float((added > 1e-3).mean())
        if not 0.1 < share < 0.9:
            found = seen(f"{text}; the share that is above 0", share)
            found.fail("it is all or nothing", f"{share:.3f}", "about a half", because)


def test_a_pair_whose_batch_norms_make_nothing_lets_its_input_through():
    np.random.seed(0)
    network = ResNet9()
    notes = watched(network)
    network(ndl.Tensor(IMAGES))
    for at in (5, 7, 13, 15):  # the batch norms of both pairs
        layer = notes[at][0]
        layer.weight.data = ndl.Tensor(np.zeros(layer.weight.shape, "float32"))
    notes.clear()
    network(ndl.Tensor(IMAGES))
    for first, behind in ((4, 8), (12, 16)):
        found = seen(f"what layer {behind}, behind a pair, is given; batch norms of the pairs times 0", None)
        made = found.then("its input", notes[behind][1].ravel())
        made.returns(
            notes[first][1].ravel(), because="relu(0) + x is x: it is what the pair itself was given."
        )


def test_weights_are_drawn_in_the_order_in_which_the_layers_are_called():
    layers = [layer for layer, _ in run_through() if not isinstance(layer, ndl.nn.BatchNorm2d)]
    np.random.seed(0)
    text = "np.random.seed(0); network = ResNet9(); the weight of its"
    for layer in layers:
        settings = layer.weight.shape
        if isinstance(layer, ndl.nn.Conv):
            settings = layer.weight.shape[2], layer.weight.shape[3], layer.weight.shape[0]
        expected = type(layer)(*settings).weight
        because = "the layers are made in this order, and each draws its weight and its bias."
        seen(f"{text} {said(layer)}", layer.weight).returns(expected, because=because)


def test_all_that_it_learns_lies_on_the_device_that_is_named():
    network = ResNet9(device=ndl.cpu_numpy())
    text = "network = ResNet9(device=ndl.cpu_numpy())"
    because = "8 convolutions, 8 batch norms and 2 linear layers have a weight and a bias each."
    seen(f"{text}; len(network.parameters())", len(network.parameters())).returns(36, because=because)
    places = sorted({str(one.device) for one in network.state_dict().values()})
    if places != [str(ndl.cpu_numpy())]:
        found = seen(f"{text}; where its parameters and means lie", places)
        because = "device goes on to every Conv, BatchNorm2d and Linear."
        found.fail("some lie elsewhere", f"{places}", f"{[str(ndl.cpu_numpy())]}", because)


def test_in_use_an_image_gets_its_logits_whatever_comes_with_it():
    np.random.seed(0)
    network = ResNet9()
    network(ndl.Tensor(IMAGES))
    network.eval()
    together = network(ndl.Tensor(IMAGES)).numpy()
    setup = "np.random.seed(0); network = ResNet9(); network(IMAGES); network.eval()"
    alone = call(shown_as("network", network, setup=setup), ndl.Tensor(IMAGES[2:3]))
    because = "after eval() the batch norms take their running statistics: no image meets another."
    alone.has_shape((1, 10)).has_dtype(np.float32).returns(together[2:3], because=because)


def test_steps_of_sgd_bring_the_loss_down():
    np.random.seed(0)
    network = ResNet9()
    opt = ndl.optim.SGD(network.parameters(), lr=0.05)
    losses = []
    for _ in range(3):
        loss = ndl.nn.SoftmaxLoss()(network(ndl.Tensor(IMAGES)), ndl.Tensor(np.arange(8)))
        opt.reset_grad()
        loss.backward()
        opt.step()
        losses.append(loss.numpy().item())
    text = "np.random.seed(0); network = ResNet9(); the losses of 3 steps of SGD with lr=0.05, of 8 images"
    because = "the same draws, the same layers and the same gradients give the same losses as everyone's."
    seen(text, losses).returns([4.21216, 0.717349, 0.100638], rtol=1e-3, because=because)
