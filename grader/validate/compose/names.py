"""The names that this student gives to things."""

from __future__ import annotations

from dataclasses import dataclass

from grader.validate.compose.dice import Dice


@dataclass(kw_only=True)
class Names:
    cls: str
    net: str
    criterion: str
    optimizer: str
    train_set: str
    test_set: str
    train_loader: str
    test_loader: str
    images: str
    labels: str
    outputs: str
    loss: str
    epoch: str
    correct: str
    total: str
    predicted: str
    device: str = "device"


LOADERS = (
    ("trainset", "testset", "trainloader", "testloader"),
    ("train_set", "test_set", "train_loader", "test_loader"),
    ("train_dataset", "test_dataset", "train_loader", "test_loader"),
    ("train_data", "test_data", "train_dl", "test_dl"),
    ("ds_train", "ds_test", "loader_train", "loader_test"),
    ("cifar_train", "cifar_test", "train_iter", "test_iter"),
    ("학습셋", "시험셋", "학습로더", "시험로더"),
)
BATCHES = (
    ("images", "labels"), ("inputs", "labels"), ("x", "y"), ("inputs", "targets"), ("data", "target"), ("img", "lbl"),
    ("imgs", "labels"), ("X", "y"), ("xb", "yb"), ("batch_x", "batch_y"), ("입력", "정답"),
)  # fmt: skip


def drawn(dice: Dice) -> Names:
    train_set, test_set, train_loader, test_loader = dice.pick("loader names", *LOADERS, *LOADERS[:4])
    images, labels = dice.pick("batch names", *BATCHES, *BATCHES[:5])
    return Names(
        cls=dice.pick("class", "Net", "Net", "CNN", "MyNet", "Model", "ConvNet", "Classifier", "CifarNet", "Network"),
        net=dice.pick("net", "net", "net", "model", "model", "network", "cnn", "my_net", "clf"),
        criterion=dice.pick("criterion", "criterion", "criterion", "loss_fn", "loss_func", "ce", "cost", "objective"),
        optimizer=dice.pick("optimizer name", "optimizer", "optimizer", "opt", "optim_", "optimiser", "solver"),
        train_set=train_set,
        test_set=test_set,
        train_loader=train_loader,
        test_loader=test_loader,
        images=images,
        labels=labels,
        outputs=dice.pick("outputs", "outputs", "output", "out", "logits", "scores", "y_hat", "pred"),
        loss=dice.pick("loss name", "loss", "loss", "loss", "l", "batch_loss", "J"),
        epoch=dice.pick("epoch name", "epoch", "epoch", "ep", "e"),
        correct=dice.pick("correct", "correct", "correct", "hits", "n_correct", "right"),
        total=dice.pick("total", "total", "total", "n", "seen", "count"),
        predicted=dice.pick("predicted", "predicted", "preds", "guess", "p", "answer"),
    )
