"""Train MLPResNet on MNIST: `python apps/train_mlp_resnet.py --epochs 10 --plot losses.png`."""

import mlp_resnet
from training import announce_mnist, data_dir, parse_options, progress, write_results

Figures = tuple[float, float]  # the error rate and the mean loss of one pass over the data


def watched(epoch, passes: list[Figures]):
    """Return `epoch` with a progress bar, and with its figures in `passes` and on the screen."""

    def watch(dataloader, model, opt=None) -> Figures:
        name = "test" if opt is None else f"epoch {len(passes) + 1}"
        error, loss = epoch(progress(dataloader, name), model, opt)
        passes.append((error, loss))
        print(f"{name:>9} | {error:10.4f} | {loss:9.4f}", flush=True)
        return error, loss

    return watch


def main() -> None:
    options = parse_options("Train a residual network of linear layers on MNIST.")
    dataset = announce_mnist()
    passes: list[Figures] = []
    mlp_resnet.epoch = watched(mlp_resnet.epoch, passes)  # train_mnist calls it for each pass
    print("     pass | error rate | mean loss")
    figures = mlp_resnet.train_mnist(epochs=options.epochs, data_dir=data_dir())
    losses = [loss for _, loss in passes]
    write_results(options, dataset, figures, {"training data": losses[:-1], "test data": losses[-1:]})


if __name__ == "__main__":
    main()
