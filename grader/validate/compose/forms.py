"""The form of a program: what stands at the top, what in functions, in a class, under a main guard, in which cells."""

from __future__ import annotations

import dataclasses

from grader.validate.compose.hand import Hand
from grader.validate.compose.names import Names
from grader.validate.compose.network import Spelled
from grader.validate.compose.pictures import Pictures
from grader.validate.compose.testing import Testing
from grader.validate.compose.text import CELL, indented
from grader.validate.compose.training import Training

FORMS = ("script", "script", "script", "main", "functions", "functions", "functions", "trainer", "guard", "epochs")


class Program:
    """Parts of one program, and the order they are put in."""

    def __init__(self, hand: Hand, spelled: Spelled, *, notebook: bool) -> None:
        self.hand, self.dice, self.names = hand, hand.dice, hand.names
        self.spelled = spelled
        self.form = hand.dice.pick("program", *FORMS)
        self.notebook = notebook
        if self.form == "trainer":
            hand.names = self.names = self._of_self(hand.names)
        self.pictures = Pictures(hand)
        self.training = Training(hand)
        self.testing = Testing(hand)

    @staticmethod
    def _of_self(names: Names) -> Names:
        changed = ("net", "criterion", "optimizer", "train_loader", "test_loader")
        return dataclasses.replace(names, **{name: f"self.{getattr(names, name)}" for name in changed})

    # ---- parts -----------------------------------------------------------------------------------------------------

    def imports(self, text: str) -> list[str]:
        """What the program needs, in somebody's order, and some that it does not."""
        lines = ["import torch", self.dice.pick("import nn", "import torch.nn as nn", "from torch import nn")]
        lines.append(
            self.dice.pick("import F", "import torch.nn.functional as F", "from torch.nn import functional as F")
        )
        lines.append(self.dice.pick("import optim", "import torch.optim as optim", "from torch import optim"))
        lines += [*self.pictures.imports(), *self.training.imports()]
        needs = {"OrderedDict(": "from collections import OrderedDict",
                 "@dataclass": "from dataclasses import dataclass",
                 "argparse.": "import argparse", "SimpleNamespace(": "from types import SimpleNamespace",
                 "plt.": "import matplotlib.pyplot as plt",
                 "Variable(": "from torch.autograd import Variable"}  # fmt: skip
        lines += [line for word, line in needs.items() if word in text]
        idle = ("import numpy as np", "import os", "import time", "import matplotlib.pyplot as plt",
                "from torch.autograd import Variable", "import random", "from torchsummary import summary",
                "from torch.utils.tensorboard import SummaryWriter")  # fmt: skip
        lines += [line for line in idle if self.dice.chance(line, 0.08)]
        lines = list(dict.fromkeys(lines))
        return self.dice.shuffled("imports", lines) if self.dice.chance("imports mixed", 0.25) else lines

    def top(self) -> list[str]:
        lines: list[str] = []
        if self.dice.chance("seeded", 0.2):
            lines += [self.dice.pick("seed", "torch.manual_seed(0)", "torch.manual_seed(42)")]
        lines += self.hand.settings.lines()
        if self.hand.device == "to":
            which = self.dice.pick("which device", '"cuda"', '"cuda:0"')
            made = self.dice.pick("device", "torch.device({})", "{}")
            chosen = made.format(f'{which} if torch.cuda.is_available() else "cpu"')
            lines.append(f"{self.names.device} = {chosen}")
        return [*lines, ""]

    def setup(self, *, optimizer: bool = True) -> list[str]:
        h, n = self.hand, self.names
        net = [*h.note("the network", "모델"), f"{n.net} = {self.spelled.constructor}"]
        net += {"to": [f"{n.net} = {n.net}.to({n.device})"],
                "cuda": ["if torch.cuda.is_available():", f"    {n.net}.cuda()"],
                "": []}[h.device]  # fmt: skip
        if h.device == "to" and self.dice.chance("moved at once", 0.5):
            net[-2:] = [f"{n.net} = {self.spelled.constructor}.to({n.device})"]
        if self.spelled.lazy:
            shape = "torch.zeros(1, 3, 32, 32)" + (f".to({n.device})" if h.device == "to" else "")
            net += [f"{n.net}({shape})"]
        if not h.mistakes and self.dice.chance("wrapped", 0.04):
            wrapper = self.dice.pick("wrapper", "nn.DataParallel", "torch.compile")
            net.append(f"{n.net} = {wrapper}({n.net})")
        if self.dice.chance("printed", 0.2):
            net.append(f"print({n.net})")
        if self.dice.chance("counted parameters", 0.1):
            net.append(f"print(sum(p.numel() for p in {n.net}.parameters()))")
        made = [*self.training.criterion(), *self.training.optimizer()]
        stale = [f"{n.net} = {self.spelled.constructor}" + (f".to({n.device})" if h.device == "to" else "")]
        return [*net, *(made if optimizer else []), *(stale if h.has("stale_optimizer") else [])]

    def ending(self) -> list[str]:
        n = self.names
        saved = [f'torch.save({n.net}.state_dict(), "model.pth")'] if self.dice.chance("saved", 0.15) else []
        if saved and self.dice.chance("loaded", 0.5):
            saved.append(f'{n.net}.load_state_dict(torch.load("model.pth"))')
        return saved

    def shown(self) -> list[str]:
        if not self.dice.chance("plotted", 0.06):
            return []
        return ["plt.plot([1, 2, 3])", "plt.show()"]

    # ---- forms -----------------------------------------------------------------------------------------------------

    def lines(self) -> list[str]:
        body = getattr(self, f"_{self.form}")()
        text = "\n".join([*self.top_text, *body, *self.spelled.lines])
        head = [*self.imports(text), CELL, *self.top_text]
        return [*head, *body]

    def _defined(self) -> list[str]:
        return [CELL, *self.pictures.definitions(), *self.spelled.lines, CELL]

    def _script(self) -> list[str]:
        self.top_text = self.top()
        data = [*self.pictures.lines(), CELL]
        first = self.dice.chance("data first", 0.5)
        defined = self._defined()
        cut = len(self.pictures.definitions()) + 1
        around = [*defined[:cut], *data, CELL, *defined[cut:]] if first else [*defined, *data]
        return [*around, *self.setup(), CELL, *self.training.epochs(self.training.epoch()), *self.ending(),
                *self.shown(), CELL, *self.testing.lines()]  # fmt: skip

    def _all(self) -> list[str]:
        return [*self.pictures.lines(), "", *self.setup(), "", *self.training.epochs(self.training.epoch()), "",
                *self.ending(), *self.testing.lines(), *self.shown()]  # fmt: skip

    def _guard(self) -> list[str]:
        self.top_text = self.top()
        inside = [line for line in self._all() if line != CELL]
        return [*self._defined(), 'if __name__ == "__main__":', *indented(inside)]

    def _main(self) -> list[str]:
        self.top_text = self.top()
        name = self.dice.pick("main", "main", "main", "run", "train_and_test")
        body = [line for line in self._all() if line != CELL]
        return [*self._defined(), f"def {name}():", *indented(body), "", "", *self._called(f"{name}()")]

    def _called(self, *lines: str) -> list[str]:
        if self.dice.chance("main guard", 0.6) and not self.notebook:
            return ['if __name__ == "__main__":', *indented(list(lines))]
        return [CELL, *lines]

    def _functions(self) -> list[str]:
        """One function each for data, training and test."""
        self.top_text = self.top()
        n, dice = self.names, self.dice
        data = dice.pick("data function", "get_loaders", "load_data", "make_data", "prepare")
        train, test = dice.pick("function names", ("train", "test"), ("fit", "evaluate"), ("train_model", "test_model"))
        criterion = self.training.criterion()
        passed = [n.net, *([n.criterion] if criterion else []), n.optimizer]
        loaders = [n.train_loader, *([n.test_loader] if self.hand.has("trained_on_test") else [])]
        epochs = self.training.epochs(self.training.epoch())
        tested = [n.net, n.test_loader, *([n.train_loader] if self.hand.has("tested_on_train") else [])]
        decorated = dice.chance("decorated", 0.3) and not self.hand.has("test_with_grad", "no_test")
        returned = dice.chance("returned", 0.6) and not self.hand.has("no_test")
        test_lines = self.testing.lines(decorated=decorated, returned=returned)
        call = f"{test}({', '.join(tested)})"
        shown = [f"accuracy = {call}", self.testing.said("accuracy")] if returned else [call]
        main = [f"{n.train_loader}, {n.test_loader} = {data}()", *self.setup(),
                f"{train}({', '.join([*passed, *loaders])})", *self.ending(), *shown]  # fmt: skip
        inside = dice.chance("in main", 0.6)
        defined = [
            f"def {data}():",
            *indented([*self.pictures.lines(), f"return {n.train_loader}, {n.test_loader}"]), "", CELL,
            f"def {train}({', '.join([*passed, *loaders])}):", *indented(epochs), "", CELL,
            *(["@torch.no_grad()"] if decorated else []), f"def {test}({', '.join(tested)}):",
            *indented(test_lines), "", CELL,
        ]  # fmt: skip
        last = ["def main():", *indented(main), "", *self._called("main()")] if inside else self._called(*main)
        return [*self._defined(), *defined, *last]

    def _epochs(self) -> list[str]:
        """A function for one epoch and one for the test, called in turn."""
        self.top_text = self.top()
        n, dice = self.names, self.dice
        criterion = self.training.criterion()
        passed = [n.net, *([n.criterion] if criterion else []), n.optimizer, n.train_loader]
        if self.hand.has("trained_on_test"):
            passed.append(n.test_loader)
        tested = [n.net, n.test_loader, *([n.train_loader] if self.hand.has("tested_on_train") else [])]
        once = dice.pick("epoch function", "train_one_epoch", "train_epoch", "run_epoch")
        decorated = dice.chance("decorated", 0.3) and not self.hand.has("test_with_grad", "no_test")
        loop = [f"for {n.epoch} in range({self.hand.settings['epochs']}):",
                f"    {once}({', '.join(passed)})", f"    evaluate({', '.join(tested)})"]  # fmt: skip
        if dice.chance("test at the end", 0.4):
            loop = [*loop[:2], loop[2].strip()]
        return [
            *self._defined(), f"def {once}({', '.join(passed)}):", *indented(self.training.epoch()), "", CELL,
            *(["@torch.no_grad()"] if decorated else []), f"def evaluate({', '.join(tested)}):",
            *indented(self.testing.lines(decorated=decorated)), "", CELL,
            *self._called(*self.pictures.lines(), *self.setup(), *loop, *self.ending()),
        ]  # fmt: skip

    def _trainer(self) -> list[str]:
        """A class with everything in it."""
        self.top_text = self.top()
        name = self.dice.pick("trainer", "Trainer", "Solver", "Experiment", "Runner")
        n = self.names
        data = [line for line in self.pictures.lines() if line != CELL]
        init = ["def __init__(self):", *indented([*data, *self.setup()]), ""]
        if self.dice.chance("data apart", 0.4):
            init = ["def __init__(self):", *indented(["self.make_data()", *self.setup()]), "",
                    "def make_data(self):", *indented(data), ""]  # fmt: skip
        train = ["def train(self):", *indented(self.training.epochs(self.training.epoch())), ""]
        if self.dice.chance("step apart", 0.3):
            loop = [f"for {n.epoch} in range({self.hand.settings['epochs']}):", "    self.train_epoch()"]
            train = ["def train_epoch(self):", *indented(self.training.epoch()), "", "def train(self):",
                     *indented(loop), ""]  # fmt: skip
        test = ["def test(self):", *indented(self.testing.lines()), ""]
        made = self.dice.pick("trainer's name", "trainer", "t", "runner_")
        calls = [f"{made} = {name}()", f"{made}.train()", f"{made}.test()"]
        return [*self._defined(), f"class {name}:", *indented([*init, *train, *test]), "", *self._called(*calls)]
