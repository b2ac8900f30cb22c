"""train_ptb: a model that looks up its logits, and notes how it is called, on texts of two words."""

import math

import numpy as np
from train_ptb import epoch_general_ptb, evaluate_ptb, train_ptb

import needle as ndl
from grader.expect import call, reachable

LN3 = math.log(3)  # softmax([LN3, 0]) is [3/4, 1/4]
AGAIN = [[LN3, 0], [0, LN3]]  # after each word, the same one is likely to come again
RIGHT, WRONG = -math.log(0.75), -math.log(0.25)  # the loss, where it comes and where it does not


class Table(ndl.nn.Module):
    """A model whose logits after word w are row w of a matrix; its state adds up halves of that matrix.

    With `heeds_state`, a part of the state that it is given is added to the matrix.
    """

    def __init__(self, matrix, heeds_state=False):
        super().__init__()
        self.weight = ndl.nn.Parameter(ndl.Tensor(matrix, dtype="float32"))
        self.heeds_state = heeds_state
        self.calls, self.notes = [], []

    def __repr__(self):
        return f"Table({self.weight.numpy().round(4).tolist()})"

    def forward(self, x, h):
        mode, drawn = "training" if self.training else "evaluation", np.random.rand()
        self.calls.append({"mode": mode, "x": x.numpy().copy(), "h": h, "drawn": drawn})
        rows = ndl.init.one_hot(2, x.numpy().reshape(-1))
        matrix = self.weight + h * 0.125 if self.heeds_state and h is not None else self.weight
        state = self.weight * 0.5
        return rows @ matrix, state if h is None else h + state


class Paired(Table):
    """A Table whose state is a pair, as an LSTM's; the second one is the first one's double."""

    def forward(self, x, h):
        logits, state = super().forward(x, None if h is None else h[0])
        self.calls[-1]["h"] = h
        return logits, (state, state * 2.0)


class Replacing:
    """An optimizer that notes its calls and gradients; each step puts the next of some matrices in place."""

    def __init__(self, model, matrices=()):
        self.model, self.matrices, self.gradients = model, list(matrices), []

    def __repr__(self):
        return "Replacing(model)"

    def reset_grad(self):
        self.model.notes.append("reset_grad")
        self.model.weight.grad = None

    def clip_grad_norm(self, max_norm=None):
        there = "" if self.model.weight.grad is not None else ", but there is no gradient"
        self.model.notes.append(f"clip_grad_norm({max_norm}){there}")
        self.model.weight.grad = ndl.Tensor([[7, 7], [7, 7]], dtype="float32")
        return 99.0

    def step(self):
        self.model.notes.append("step")
        grad = self.model.weight.grad
        self.gradients.append(None if grad is None else np.array(grad.numpy()))
        if self.matrices:
            self.model.weight.data = ndl.Tensor(self.matrices.pop(0), dtype="float32")


class Made(Replacing):
    """An optimizer as train_ptb makes it, which notes how, and makes 0 of all; the last one can be found."""

    model = None  # set before a training

    def __init__(self, params, **settings):
        super().__init__(Made.model, [np.zeros((2, 2))])
        self.params, self.settings, self.drawn = list(params), settings, np.random.rand()
        Made.made.append(self)


def made_for(model):
    """Return the class of optimizers that note what they do to this model."""
    Made.model, Made.made = model, []
    return Made


class CountedLoss(ndl.nn.SoftmaxLoss):
    """The softmax loss, which also counts the nodes of the graph behind the logits, and its own making."""

    made = 0

    def __init__(self):
        super().__init__()
        self.nodes = []
        CountedLoss.made += 1

    def __repr__(self):
        return "CountedLoss()"

    def forward(self, logits, y):
        self.nodes.append(len(reachable(logits)))
        return super().forward(logits, y)


def two_columns():
    """Return 4 rows of 2 words: three pairs in each column, of which the first column's second differs."""
    return np.array([[0, 1], [0, 0], [1, 0], [1, 0]], dtype=np.float32)


def one_column(*words):
    return np.array([[word] for word in words], dtype=np.float32)


def is_so(made, text, found, expected, because):
    """Expect words, or lists of them."""
    if found != expected:
        made.then(text, found).fail("it is wrong", f"{found}", f"{expected}", because)


def test_accuracy_and_loss_are_means_over_all_predicted_words():
    made = call(epoch_general_ptb, two_columns(), Table(AGAIN), seq_len=2)
    because = "of 6 words 4 come again. (The mean of the batches' shares, 2/4 and 2/2, would be 3/4.)"
    made[0].returns(4 / 6, because=because)
    because = "four losses of -ln 3/4 and two of -ln 1/4; the first batch has 4 words, the last one 2."
    made[1].returns((4 * RIGHT + 2 * WRONG) / 6, because=because)


def test_both_figures_are_plain_numbers():
    made = call(epoch_general_ptb, two_columns(), Table(AGAIN), seq_len=2)
    for figure in (made[0], made[1]):
        if not isinstance(figure.value, float | np.floating):
            because = "a loss that is a Tensor keeps the graph of the last batch."
            figure.fail("the type is wrong", type(figure.value).__name__, "float", because)


def test_batches_follow_each_other_and_the_last_may_be_shorter():
    model = Table(AGAIN)
    made = call(epoch_general_ptb, one_column(0, 1, 1, 0, 1, 0), model, seq_len=2)
    because = "rows 0 and 1, rows 2 and 3, and row 4: after the last row, 5, there is none to be predicted."
    found = [one["x"].tolist() for one in model.calls]
    is_so(made, "what the model was given", found, [[[0], [1]], [[1], [0]], [[1]]], because)
    made[0].returns(1 / 5, because="0-1, 1-1, 1-0, 0-1, 1-0: one of 5 words comes again.")


def test_the_state_goes_on_from_batch_to_batch_and_begins_as_none():
    for model in (Table(AGAIN), Paired(AGAIN)):
        made = call(epoch_general_ptb, one_column(0, 1, 1, 0), model, seq_len=1)
        states = [one["h"] for one in model.calls]
        is_so(made, "the first h is None", states[0] is None, True, "at the text's beginning there is none.")
        because = "each call of this model adds half of its matrix to the state that it is given."
        for at, state in enumerate(states[1:], 1):
            found = made.then(f"h in batch {at + 1} is None", state is None)
            found.returns(False, because="the state is what the model knows of the text before.")
            for part, factor in zip(state if isinstance(model, Paired) else [state], (1, 2), strict=False):
                expected = [[factor * at * LN3 / 2, 0], [0, factor * at * LN3 / 2]]
                made.then(f"h in batch {at + 1}", part).returns(expected, because=because)


def test_the_state_comes_without_the_graph_behind_it():
    for kind in (Table, Paired):
        for opt_of in (lambda model: None, Replacing):
            model = kind(AGAIN)
            made = call(epoch_general_ptb, one_column(0, 1, 1), model, seq_len=1, opt=opt_of(model))
            state = model.calls[1]["h"]
            because = "backward would go through it to all batches before, and none of them could be freed."
            for part in state if kind is Paired else [state]:
                made.then("h in batch 2", part).retains_no_graph(because=because)


def test_the_graph_is_as_large_in_the_last_batch_as_in_the_second():
    model, loss = Table(AGAIN, heeds_state=True), CountedLoss()
    text = one_column(*[0, 1] * 5)
    made = call(epoch_general_ptb, text, model, seq_len=1, loss_fn=loss, opt=Replacing(model))
    because = "a state with its graph makes each batch's graph larger than the last one's: it is detached."
    made.then("nodes behind the logits of batches 2 to 9", loss.nodes[1:]).returns(
        [loss.nodes[1]] * 8, because=because
    )


def test_each_training_batch_is_forgetting_then_backward_then_clipping_then_a_step():
    for clip, clipping in ((None, []), (0.5, ["clip_grad_norm(0.5)"])):
        model = Table(AGAIN)
        opt = Replacing(model)
        made = call(epoch_general_ptb, two_columns(), model, seq_len=2, opt=opt, clip=clip)
        because = "clipping changes the gradients of backward, and only a step after it sees them changed."
        expected = ["reset_grad", *clipping, "step"] * 2
        is_so(made, "what was called of opt", model.notes, expected, because)
        if clip is None:
            because = "softmax minus one-hot, averaged over the batch's words: 4 in batch 1, 2 in batch 2."
            gradients = (
                [[0.25 / 4, -0.25 / 4], [-0.75 / 4, 0.75 / 4]],
                [[-0.25 / 2, 0.25 / 2], [0.125, -0.125]],
            )
        else:
            because = "the step uses what clip_grad_norm, here a stand-in, has put in the gradient's place."
            gradients = [[[7, 7], [7, 7]]] * 2
        for at, (grad, wanted) in enumerate(zip(opt.gradients, gradients, strict=True)):
            made.then(f"model.weight.grad in step {at + 1}", grad).returns(wanted, because=because)


def test_figures_of_a_training_pass_are_taken_before_each_step():
    model = Table(AGAIN)
    made = call(
        epoch_general_ptb, one_column(0, 0, 0), model, seq_len=1, opt=Replacing(model, [[[0, LN3]] * 2])
    )
    because = (
        "in batch 1 the word comes again as AGAIN says; after the step, 1 is likelier: wrong in batch 2."
    )
    made[0].returns(1 / 2, because=because)
    made[1].returns((RIGHT + WRONG) / 2, because=because)


def test_the_model_trains_with_an_optimizer_and_is_only_evaluated_without_one():
    for opt_of, mode in ((Replacing, "training"), (lambda model: None, "evaluation")):
        model = Table(AGAIN)
        (model.eval if mode == "training" else model.train)()
        made = call(epoch_general_ptb, two_columns(), model, seq_len=2, opt=opt_of(model))
        modes = [one["mode"] for one in model.calls]
        because = "dropout belongs to training alone, whatever the model was doing before."
        is_so(made, "the model's mode", modes, [mode] * 2, because)
    made.then("model.weight", model.weight).returns(AGAIN, because="there is nothing to learn with.")
    because = "without an optimizer a backward pass is time spent for nothing."
    is_so(made, "model.weight.grad is None", model.weight.grad is None, True, because)


def test_numpy_is_seeded_with_4_before_anything_is_drawn():
    because = "0.967 is the first draw after np.random.seed(4), 0.547 the second: the epoch draws nothing."
    for run in (epoch_general_ptb, lambda data, model: evaluate_ptb(model, data)):
        model = Table(AGAIN)
        np.random.seed(0)
        made = call(run, one_column(0, 1, 0), model)
        made.then("what the model drew", model.calls[0]["drawn"]).returns(0.96702984, because=because)
        made.then("np.random.rand()", np.random.rand()).returns(0.54723225, because=because)
    model = Table(AGAIN)
    np.random.seed(0)
    made = call(train_ptb, model, one_column(0, 1, 0), optimizer=made_for(model))
    made.then("what the optimizer drew when it was made", Made.made[0].drawn).returns(
        0.96702984, because=because
    )
    because = "each epoch begins with np.random.seed(4) as well."
    made.then("what the model drew", model.calls[0]["drawn"]).returns(0.96702984, because=because)


def test_training_makes_one_optimizer_and_one_loss_for_all_epochs():
    model, CountedLoss.made = Table(AGAIN), 0
    settings = {"lr": 0.5, "weight_decay": 0.25}
    made = call(
        train_ptb,
        model,
        two_columns(),
        seq_len=1,
        n_epochs=3,
        optimizer=made_for(model),
        **settings,
        loss_fn=CountedLoss,
        clip=2.0,
    )
    because = "optimizer(parameters, lr=lr, weight_decay=weight_decay), once: a new one forgets its momentum."
    is_so(
        made, "the settings of each optimizer made", [opt.settings for opt in Made.made], [settings], because
    )
    is_so(made, "its parameters are the model's", Made.made[0].params == model.parameters(), True, because)
    because = "three epochs of three batches; clip goes to each epoch."
    expected = ["reset_grad", "clip_grad_norm(2.0)", "step"] * 9
    is_so(made, "what was called of the optimizer", model.notes, expected, because)
    made.then("loss_fn() was called", CountedLoss.made > 0).returns(True, because="loss_fn is a class.")
    starts = [at for at, one in enumerate(model.calls) if one["h"] is None]
    because = "each epoch begins at the text's beginning, with no state: batches 0, 3 and 6."
    made.then("batches in which h is None", starts).returns([0, 3, 6], because=because)


def test_training_returns_the_last_epochs_figures():
    model = Table(AGAIN)
    made = call(train_ptb, model, one_column(1, 1), n_epochs=2, optimizer=made_for(model))
    because = "in epoch 1 the word comes again, as AGAIN says; the step makes 0 of all logits, so that in "
    because += "epoch 2 both words are as likely, and the first one, 0, counts as predicted."
    made[0].returns(0, because=because)
    made[1].returns(math.log(2), because=because)


def test_evaluation_changes_nothing_and_tells_both_figures():
    model = Table(AGAIN)
    made = call(evaluate_ptb, model, two_columns(), seq_len=2, loss_fn=CountedLoss)
    made[0].returns(4 / 6, because="of 6 words 4 come again.")
    made[1].returns((4 * RIGHT + 2 * WRONG) / 6)
    is_so(made, "the model's mode", [one["mode"] for one in model.calls], ["evaluation"] * 2, "")
    made.then("model.weight", model.weight).returns(AGAIN)


def test_sgd_learns_a_text_of_two_words_that_take_turns():
    text, model = one_column(*[0, 1] * 20), Table([[0, 0], [0, 0]])
    made = call(train_ptb, model, text, seq_len=4, n_epochs=10, lr=4.0)
    because = "after each word the other one comes; 10 epochs of 10 steps are plenty to see it."
    made[0].returns(1, because=because)
    if not made[1].value < 0.1:
        made[1].fail("the loss is too large", f"{made[1].value}", "less than 0.1", because)
    evaluated = call(evaluate_ptb, model, text, seq_len=4)
    evaluated[0].returns(1, because="it was learned.")
