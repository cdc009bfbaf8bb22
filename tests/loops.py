"""Training loops as students write them: right ones, and each with the codes that it must get."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from recorder import Loop, Recorder
from torch import Tensor, nn, optim
from torch.nn import functional as F

from grader.records import Recipe

SGD_RECIPE = Recipe(loss="cross_entropy", optimizer="SGD", hyperparameters={"lr": 0.001, "momentum": 0.9})
ADAM_RECIPE = Recipe(loss="cross_entropy", optimizer="Adam", hyperparameters={"lr": 0.001})
Make = Callable[[nn.Module], optim.Optimizer]
LR, MOMENTUM = 0.001, 0.9


def sgd(**settings: Any) -> Make:
    return lambda net: optim.SGD(net.parameters(), **{"lr": LR, "momentum": MOMENTUM, **settings})


def adam(**settings: Any) -> Make:
    return lambda net: optim.Adam(net.parameters(), **{"lr": LR, **settings})


def other(kind: str, **settings: Any) -> Make:
    return lambda net: getattr(optim, kind)(net.parameters(), **settings)


def loop(word: str = "zfbs", make: Make | None = None, loss: Any = F.cross_entropy, target: Any = None) -> Loop:
    """z zero_grad, f forward and loss, b backward, s step, n clip by norm, v clip by value."""

    def run(recorder: Recorder) -> None:
        net = recorder.net
        optimizer = recorder.watch((make or sgd())(net))
        for x, y in recorder.batches():
            given = target(y) if target else y
            recorder.records[-1]["targets"] = given
            value = torch.zeros(())
            for letter in word:
                if letter == "z":
                    optimizer.zero_grad()
                elif letter == "f":
                    value = loss(net(x), given)
                elif letter == "b":
                    value.backward(retain_graph=True)
                elif letter == "s":
                    optimizer.step()
                elif letter == "n":
                    nn.utils.clip_grad_norm_(net.parameters(), 0.3)
                    recorder.event("clip", 0.3)
                elif letter == "v":
                    nn.utils.clip_grad_value_(net.parameters(), 0.01)
                    recorder.event("clip", 0.01)

    return run


def gathered(every: int, scaled: bool = False) -> Loop:
    def run(recorder: Recorder) -> None:
        optimizer = recorder.watch(sgd()(recorder.net))
        for number, (x, y) in enumerate(recorder.batches()):
            value = F.cross_entropy(recorder.net(x), y)
            (value / every if scaled else value).backward()
            if (number + 1) % every == 0:
                optimizer.step()
                optimizer.zero_grad()

    return run


def partial(recorder: Recorder) -> None:
    parameters = list(recorder.net.parameters())[2:]
    _train(recorder, recorder.watch(optim.SGD(parameters, lr=LR, momentum=MOMENTUM)))


def frozen(recorder: Recorder) -> None:
    for parameter in list(recorder.net.parameters())[:2]:
        parameter.requires_grad_(False)
    _train(recorder, recorder.watch(sgd()(recorder.net)))


def stale(recorder: Recorder) -> None:
    import copy

    _train(recorder, recorder.watch(sgd()(copy.deepcopy(recorder.net))))


def detached(recorder: Recorder) -> None:
    optimizer = recorder.watch(sgd()(recorder.net))
    for x, y in recorder.batches():
        optimizer.zero_grad()
        F.cross_entropy(recorder.net(x).detach().requires_grad_(), y).backward()
        optimizer.step()


def evaluating(recorder: Recorder) -> None:
    recorder.net.eval()
    _train(recorder, recorder.watch(sgd()(recorder.net)))


def scheduled(recorder: Recorder) -> None:
    optimizer = recorder.watch(sgd()(recorder.net))
    schedule = optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    recorder.schedulers = ("ExponentialLR",)
    for x, y in recorder.batches():
        optimizer.zero_grad()
        F.cross_entropy(recorder.net(x), y).backward()
        optimizer.step()
        schedule.step()


def grouped(recorder: Recorder) -> None:
    parameters = list(recorder.net.parameters())
    groups = [{"params": parameters[:2], "lr": 0.01}, {"params": parameters[2:]}]
    _train(recorder, recorder.watch(optim.SGD(groups, lr=LR, momentum=MOMENTUM)))


def penalised(norm: int) -> Loop:
    def run(recorder: Recorder) -> None:
        net = recorder.net
        optimizer = recorder.watch(sgd()(net))
        for x, y in recorder.batches():
            optimizer.zero_grad()
            penalty = sum((w.abs() if norm == 1 else w * w).sum() for w in net.parameters())
            (F.cross_entropy(net(x), y) + 0.001 * penalty).backward()
            optimizer.step()

    return run


def _train(recorder: Recorder, optimizer: optim.Optimizer) -> None:
    for x, y in recorder.batches():
        optimizer.zero_grad()
        F.cross_entropy(recorder.net(x), y).backward()
        optimizer.step()


# ---- right, however it is written ---------------------------------------------------------------------------


def _by_hand(recorder: Recorder) -> None:
    buffers = [torch.zeros_like(p) for p in recorder.net.parameters()]
    for x, y in recorder.batches():
        recorder.net.zero_grad()
        F.cross_entropy(recorder.net(x), y).backward()
        with torch.no_grad():
            for parameter, buffer in zip(recorder.net.parameters(), buffers, strict=True):
                buffer.mul_(MOMENTUM).add_(parameter.grad)
                parameter -= LR * buffer


def _closure(recorder: Recorder) -> None:
    optimizer = sgd()(recorder.net)
    for x, y in recorder.batches():

        def again(x: Tensor = x, y: Tensor = y) -> Tensor:
            optimizer.zero_grad()
            value = F.cross_entropy(recorder.net(x), y)
            value.backward()
            return value

        optimizer.step(again)


def _cleared_by_hand(recorder: Recorder) -> None:
    optimizer = recorder.watch(sgd()(recorder.net))
    for x, y in recorder.batches():
        for parameter in recorder.net.parameters():
            parameter.grad = None
        F.cross_entropy(recorder.net(x), y).backward()
        optimizer.step()


def _model_zero_grad(recorder: Recorder) -> None:
    optimizer = recorder.watch(sgd()(recorder.net))
    for x, y in recorder.batches():
        recorder.net.zero_grad()
        F.cross_entropy(recorder.net(x), y).backward()
        optimizer.step()


def _micro_batches(recorder: Recorder) -> None:
    optimizer = recorder.watch(sgd()(recorder.net))
    for x, y in recorder.batches():
        optimizer.zero_grad()
        out = recorder.net(x)
        (sum(F.cross_entropy(out[i : i + 1], y[i : i + 1]) for i in range(len(y))) / len(y)).backward()
        optimizer.step()


RIGHT: dict[str, Loop] = {
    "clear first": loop("zfbs"),
    "clear after the forward": loop("fzbs"),
    "clear at the end": loop("fbsz"),
    "clear twice": loop("zfzbs"),
    "CrossEntropyLoss": loop(loss=nn.CrossEntropyLoss()),
    "log_softmax then nll": loop(loss=lambda o, y: F.nll_loss(F.log_softmax(o, 1), y)),
    "log_softmax before cross-entropy": loop(loss=lambda o, y: F.cross_entropy(F.log_softmax(o, 1), y)),
    "log of softmax then nll": loop(loss=lambda o, y: F.nll_loss(torch.log(F.softmax(o, 1)), y)),
    "cross-entropy on one-hot": loop(loss=lambda o, y: F.cross_entropy(o, F.one_hot(y, 10).float())),
    "cross-entropy by hand": loop(loss=lambda o, y: -(o - o.logsumexp(1, keepdim=True))[range(len(y)), y].mean()),
    "sum divided by the batch": loop(loss=lambda o, y: F.cross_entropy(o, y, reduction="sum") / len(y)),
    "no smoothing": loop(loss=lambda o, y: F.cross_entropy(o, y, label_smoothing=0.0)),
    "logits shifted": loop(loss=lambda o, y: F.cross_entropy(o - o.max(1, keepdim=True).values, y)),
    "keyword settings": loop(make=sgd(weight_decay=0.0, dampening=0.0, nesterov=False)),
    "foreach": loop(make=sgd(foreach=True)),
    "no foreach": loop(make=sgd(foreach=False)),
    "groups": loop(make=lambda n: optim.SGD([{"params": [p]} for p in n.parameters()], lr=LR, momentum=MOMENTUM)),
    "filtered": loop(make=lambda n: optim.SGD(filter(lambda p: p.requires_grad, n.parameters()), LR, MOMENTUM)),
    "sum with the rate divided": loop(make=sgd(lr=LR / 8), loss=lambda o, y: F.cross_entropy(o, y, reduction="sum")),
    "a clip that never binds": loop("zfbs", loss=F.cross_entropy),
    "by hand": _by_hand,
    "closure": _closure,
    "cleared by hand": _cleared_by_hand,
    "model.zero_grad": _model_zero_grad,
    "image by image, then averaged": _micro_batches,
    "schedule by hand that does nothing": loop(make=sgd(lr=LR)),
}
RIGHT_ADAM: dict[str, Loop] = {
    "Adam": loop(make=adam()),
    "Adam with defaults": loop(make=lambda n: optim.Adam(n.parameters())),
    "Adam written out": loop(make=adam(betas=(0.9, 0.999), eps=1e-8, weight_decay=0)),
    "AdamW without decay": loop(make=other("AdamW", lr=LR, weight_decay=0.0)),
    "Adam foreach": loop(make=adam(foreach=True)),
    "Adam fused": loop(make=adam(fused=True)),
}


def softmaxed(o: Tensor, y: Tensor) -> Tensor:
    return F.cross_entropy(F.softmax(o, 1), y)


def hot(y: Tensor) -> Tensor:
    return F.one_hot(y, 10).float()


WRONG: dict[str, tuple[Loop, set[str]]] = {
    "no zero_grad": (loop("fbs"), {"no-zero-grad"}),
    "zero_grad too late": (loop("fbzs"), {"zero-grad-after-backward"}),
    "no step": (loop("zfb"), {"no-step"}),
    "no backward": (loop("zfs"), {"no-backward"}),
    "step, clear, forward, backward": (loop("szfb"), {"step-before-backward"}),
    "step, forward, backward": (loop("sfb"), {"step-before-backward", "no-zero-grad"}),
    "clear, step, backward": (loop("zfsb"), {"step-before-backward"}),
    "double step": (loop("zfbss"), {"double-step"}),
    "double step, no clear": (loop("fbss"), {"double-step", "no-zero-grad"}),
    "each batch twice": (loop("zfbszfbs"), {"double-step"}),
    "backward twice": (loop("zfbbs"), {"backward-twice"}),
    "backward twice, no clear": (loop("fbbs"), {"backward-twice", "no-zero-grad"}),
    "clip by norm": (loop("zfbns"), {"clipped-gradients"}),
    "clip by value": (loop("zfbvs"), {"clipped-gradients"}),
    "clip, no clear": (loop("fbns"), {"clipped-gradients", "no-zero-grad"}),
    "gathered over two": (gathered(2), {"accumulated-gradients"}),
    "gathered over two, averaged": (gathered(2, scaled=True), {"accumulated-gradients"}),
    "partial": (partial, {"partial-optimizer"}),
    "frozen": (frozen, {"frozen-parameters"}),
    "stale": (stale, {"stale-optimizer"}),
    "detached": (detached, {"detached-graph"}),
    "schedule": (scheduled, {"learning-rate-schedule"}),
    "groups": (grouped, {"wrong-learning-rate"}),
    "L2 penalty": (penalised(2), {"extra-weight-decay"}),
    "L1 penalty": (penalised(1), {"extra-weight-decay"}),
    "lr 0.01": (loop(make=sgd(lr=0.01)), {"wrong-learning-rate"}),
    "lr 0.0012": (loop(make=sgd(lr=0.0012)), {"wrong-learning-rate"}),
    "no momentum": (loop(make=sgd(momentum=0)), {"wrong-momentum"}),
    "momentum 0.5": (loop(make=sgd(momentum=0.5)), {"wrong-momentum"}),
    "decay 5e-4": (loop(make=sgd(weight_decay=5e-4)), {"extra-weight-decay"}),
    "decay 1e-4": (loop(make=sgd(weight_decay=1e-4)), {"extra-weight-decay"}),
    "nesterov": (loop(make=sgd(nesterov=True)), {"wrong-nesterov"}),
    "dampening": (loop(make=sgd(dampening=0.5)), {"wrong-dampening"}),
    "maximize": (loop(make=sgd(maximize=True)), {"maximised-loss"}),
    "Adam for SGD": (loop(make=adam()), {"wrong-optimizer"}),
    "AdamW": (loop(make=other("AdamW", lr=LR)), {"wrong-optimizer"}),
    "RMSprop": (loop(make=other("RMSprop", lr=LR)), {"wrong-optimizer"}),
    "Adagrad": (loop(make=other("Adagrad", lr=LR)), {"wrong-optimizer"}),
    "Adadelta": (loop(make=other("Adadelta")), {"wrong-optimizer"}),
    "NAdam": (loop(make=other("NAdam", lr=LR)), {"wrong-optimizer"}),
    "RAdam": (loop(make=other("RAdam", lr=LR)), {"wrong-optimizer"}),
    "Adamax": (loop(make=other("Adamax", lr=LR)), {"wrong-optimizer"}),
    "softmax": (loop(loss=softmaxed), {"softmax-before-cross-entropy"}),
    "raw nll": (loop(loss=F.nll_loss), {"wrong-loss"}),
    "nll of softmax": (loop(loss=lambda o, y: F.nll_loss(F.softmax(o, 1), y)), {"wrong-loss"}),
    "mse": (loop(loss=lambda o, y: F.mse_loss(o, hot(y))), {"wrong-loss"}),
    "mse of softmax": (loop(loss=lambda o, y: F.mse_loss(F.softmax(o, 1), hot(y))), {"wrong-loss"}),
    "l1": (loop(loss=lambda o, y: F.l1_loss(o, hot(y))), {"wrong-loss"}),
    "smooth l1": (loop(loss=lambda o, y: F.smooth_l1_loss(o, hot(y))), {"wrong-loss"}),
    "bce": (loop(loss=lambda o, y: F.binary_cross_entropy(torch.sigmoid(o), hot(y))), {"wrong-loss"}),
    "bce with logits": (loop(loss=lambda o, y: F.binary_cross_entropy_with_logits(o, hot(y))), {"wrong-loss"}),
    "margin": (loop(loss=F.multi_margin_loss), {"wrong-loss"}),
    "sum": (loop(loss=lambda o, y: F.cross_entropy(o, y, reduction="sum")), {"wrong-loss"}),
    "scaled": (loop(loss=lambda o, y: 0.25 * F.cross_entropy(o, y)), {"wrong-loss"}),
    "smoothing": (loop(loss=lambda o, y: F.cross_entropy(o, y, label_smoothing=0.1)), {"wrong-loss"}),
    "class weights": (loop(loss=lambda o, y: F.cross_entropy(o, y, weight=torch.arange(1.0, 11.0))), {"wrong-loss"}),
    "part of the batch": (loop(loss=lambda o, y: F.cross_entropy(o[:4], y[:4])), {"wrong-loss"}),
    "focal": (
        loop(
            loss=lambda o, y: (
                (1 - F.softmax(o, 1)[range(len(y)), y]) ** 2 * F.cross_entropy(o, y, reduction="none")
            ).mean()
        ),
        {"wrong-loss"},
    ),
    "labels shifted": (loop(target=lambda y: (y + 1) % 10), {"labels-mismatched"}),
    "labels constant": (loop(target=torch.zeros_like), {"labels-mismatched"}),
    "labels reversed": (loop(target=lambda y: y.flip(0)), {"labels-mismatched"}),
    # ---- two and three at once
    "no momentum, no clear": (loop("fbs", sgd(momentum=0)), {"wrong-momentum", "no-zero-grad"}),
    "lr 0.01, no clear": (loop("fbs", sgd(lr=0.01)), {"wrong-learning-rate", "no-zero-grad"}),
    "decay, no clear": (loop("fbs", sgd(weight_decay=5e-4)), {"extra-weight-decay", "no-zero-grad"}),
    "Adam, no clear": (loop("fbs", adam()), {"wrong-optimizer", "no-zero-grad"}),
    "lr and momentum": (loop(make=sgd(lr=0.01, momentum=0.5)), {"wrong-learning-rate", "wrong-momentum"}),
    "lr and decay": (loop(make=sgd(lr=0.01, weight_decay=5e-4)), {"wrong-learning-rate", "extra-weight-decay"}),
    "lr and nesterov": (loop(make=sgd(lr=0.01, nesterov=True)), {"wrong-learning-rate", "wrong-nesterov"}),
    "softmax, no clear": (loop("fbs", loss=softmaxed), {"softmax-before-cross-entropy", "no-zero-grad"}),
    "softmax, lr 0.01": (
        loop(make=sgd(lr=0.01), loss=softmaxed),
        {"softmax-before-cross-entropy", "wrong-learning-rate"},
    ),
    "softmax, Adam": (loop(make=adam(), loss=softmaxed), {"softmax-before-cross-entropy", "wrong-optimizer"}),
    "mse, double step": (loop("zfbss", loss=lambda o, y: F.mse_loss(o, hot(y))), {"wrong-loss", "double-step"}),
    "labels shifted, no clear": (loop("fbs", target=lambda y: (y + 1) % 10), {"labels-mismatched", "no-zero-grad"}),
    "no step, softmax": (loop("zfb", loss=softmaxed), {"softmax-before-cross-entropy", "no-step"}),
    "no clear, no momentum, softmax": (
        loop("fbs", sgd(momentum=0), softmaxed),
        {"softmax-before-cross-entropy", "no-zero-grad", "wrong-momentum"},
    ),
    "double step, no clear, lr 0.01, softmax": (
        loop("fbss", sgd(lr=0.01), softmaxed),
        {"softmax-before-cross-entropy", "no-zero-grad", "double-step", "wrong-learning-rate"},
    ),
}
WRONG_ADAM: dict[str, tuple[Loop, set[str]]] = {
    "AdamW": (loop(make=other("AdamW", lr=LR)), {"wrong-optimizer"}),
    "SGD": (loop(make=sgd(momentum=0)), {"wrong-optimizer"}),
    "SGD with momentum": (loop(make=sgd()), {"wrong-optimizer"}),
    "betas": (loop(make=adam(betas=(0.5, 0.999))), {"wrong-betas"}),
    "decay": (loop(make=adam(weight_decay=5e-4)), {"extra-weight-decay"}),
    "amsgrad": (loop(make=adam(amsgrad=True)), {"wrong-amsgrad"}),
    "eps": (loop(make=adam(eps=1e-3)), {"wrong-eps"}),
    "lr 0.01": (loop(make=adam(lr=0.01)), {"wrong-learning-rate"}),
    "no clear": (loop("fbs", adam()), {"no-zero-grad"}),
    "no clear, lr 0.01": (loop("fbs", adam(lr=0.01)), {"no-zero-grad", "wrong-learning-rate"}),
    "double step": (loop("zfbss", adam()), {"double-step"}),
    "softmax": (loop(make=adam(), loss=softmaxed), {"softmax-before-cross-entropy"}),
    "softmax, no clear": (loop("fbs", adam(), softmaxed), {"softmax-before-cross-entropy", "no-zero-grad"}),
    "RMSprop": (loop(make=other("RMSprop", lr=LR)), {"wrong-optimizer"}),
    "clip by norm": (loop("zfbns", adam()), {"clipped-gradients"}),
    "step before backward": (loop("szfb", adam()), {"step-before-backward"}),
}
