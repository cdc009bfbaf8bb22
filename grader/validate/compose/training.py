"""Loss, optimizer and the training loop, in orders and spellings that are right, or with the mistakes of loops.py."""

from __future__ import annotations

from grader.validate.compose.hand import Hand
from grader.validate.compose.text import indented

CRITERIA = {
    "summed": 'nn.CrossEntropyLoss(reduction="sum")', "smoothed": "nn.CrossEntropyLoss(label_smoothing=0.1)",
    "nll": "nn.NLLLoss()", "margin": "nn.MultiMarginLoss()",
}  # fmt: skip
LOSS_NAMES = ("summed", "smoothed", "nll", "margin", "mse", "bce", "scaled", "softmax_outside")
# Mistakes at which the order of the loop is the plain one.
ORDERED = (
    "no_zero_grad", "zero_grad_after_backward", "no_step", "no_backward", "step_before_backward", "double_step",
    "backward_twice", "clip_norm", "clip_value", "accumulated", "schedule", "detached_loss",
)  # fmt: skip


class Training:
    def __init__(self, hand: Hand) -> None:
        self.hand, self.dice = hand, hand.dice
        dice = hand.dice
        plain = ("module", "module", "module", "module mean", "functional", "functional")
        self.loss = dice.pick("loss", *plain, "nll of log_softmax", "gathered", "one hot")
        if hand.tail:
            self.loss = dice.pick("loss of a log_softmax", "nll module", "nll functional", "module", "functional")
        if hand.has(*LOSS_NAMES) or hand.outputs != 10:
            self.loss = "module"
        self.made = self._criterion()
        self.plain = hand.has(*ORDERED)
        self.loop = dice.pick("loop", "for", "for", "enumerate", "enumerate", "unpacked", "tqdm", "iter next", "while",
                              "generator")  # fmt: skip
        self.closure = not self.plain and dice.chance("closure", 0.06)
        self.order = dice.pick("order", "first", "first", "first", "before backward", "end", "before step")
        self.zero = dice.pick("zero", *("optimizer",) * 6, "to none", "not to none", "net", "grad none", "grad zero")
        if self.loop == "while" and hand.has("accumulated"):
            self.loop = "for"

    def imports(self) -> list[str]:
        return ["from tqdm import tqdm"] if self.loop == "tqdm" else []

    # ---- loss ------------------------------------------------------------------------------------------------------

    def criterion(self) -> list[str]:
        """The line that names the loss, if one does."""
        return [f"{self.hand.names.criterion} = {self.made}"] if self.made else []

    def _criterion(self) -> str:
        made = next((CRITERIA[name] for name in CRITERIA if self.hand.has(name)), "")
        if not made:
            made = {"module": "nn.CrossEntropyLoss()", "module mean": 'nn.CrossEntropyLoss(reduction="mean")',
                    "nll module": "nn.NLLLoss()", "functional": "F.cross_entropy"}.get(self.loss, "")  # fmt: skip
            if self.loss == "functional" and not self.dice.chance("function by a name", 0.3):
                made = ""
        return made

    def loss_of(self, outputs: str) -> str:
        n, h = self.hand.names, self.hand
        labels = n.labels
        if h.has("labels_shifted"):
            labels = f"({labels} + 1) % 10"
        if h.has("labels_rolled"):
            labels = f"{labels}.roll(1)"
        if h.has("mse"):
            return f"F.mse_loss({outputs}, F.one_hot({labels}, 10).float())"
        if h.has("bce"):
            return f"F.binary_cross_entropy_with_logits({outputs}, F.one_hot({labels}, 10).float())"
        if h.has("softmax_outside"):
            outputs = f"F.softmax({outputs}, dim=1)"
        whole = labels if labels.isidentifier() or labels.endswith(")") else f"({labels})"
        if self.made:
            found = f"{n.criterion}({outputs}, {labels})"
        else:
            found = {
                "functional": f"F.cross_entropy({outputs}, {labels})",
                "nll of log_softmax": f"F.nll_loss(F.log_softmax({outputs}, dim=1), {labels})",
                "nll functional": f"F.nll_loss({outputs}, {labels})",
                "gathered": f"-torch.log_softmax({outputs}, 1).gather(1, {whole}.view(-1, 1)).mean()",
                "one hot": f"-(F.one_hot({labels}, 10) * F.log_softmax({outputs}, dim=1)).sum(dim=1).mean()",
            }[self.loss]
        return f"{found} * 3" if h.has("scaled") else found

    # ---- optimizer -------------------------------------------------------------------------------------------------

    def optimizer(self) -> list[str]:
        h, n, dice = self.hand, self.hand.names, self.dice
        parameters = f"{n.net}.parameters()"
        said = {name: h.settings[name] if name in h.settings.values and h.settings.style != "literal" else value
                for name, value in h.arguments.items()}  # fmt: skip
        place = dice.pick("optim", "optim", "optim", "torch.optim")
        made = f"{place}.{h.optimizer}"
        before: list[str] = []
        if h.has("partial"):
            parameters = f"list({parameters})[2:]"
        elif h.has("frozen"):
            before = [f"for p in list({parameters})[:2]:", "    p.requires_grad = False"]
        else:
            parameters = dice.pick(
                "parameters", *(parameters,) * 6, f"list({parameters})", f'[{{"params": {parameters}}}]',
                f"filter(lambda p: p.requires_grad, {parameters})", f"[p for p in {parameters}]", "GROUPS",
            )  # fmt: skip
        if parameters == "GROUPS":
            before = [f"weights = [p for name, p in {n.net}.named_parameters() if p.dim() > 1]",
                      f"biases = [p for name, p in {n.net}.named_parameters() if p.dim() <= 1]"]  # fmt: skip
            parameters = '[{"params": weights}, {"params": biases}]'
        way = dice.pick("optimizer as", "call", "call", "call", "call", "getattr", "dict", "class by name")
        arguments = ", ".join(f"{name}={value}" for name, value in said.items())
        if way == "getattr":
            made = f'getattr({place}, "{h.optimizer}")'
        elif way == "class by name":
            before.append(f"Optimizer = {made}")
            made = "Optimizer"
        elif way == "dict" and said:
            before.append("opt_args = {" + ", ".join(f'"{name}": {value}' for name, value in said.items()) + "}")
            arguments = "**opt_args"
        line = f"{n.optimizer} = {made}({', '.join(filter(None, [parameters, arguments]))})"
        marks = "".join(h.marked(name) for name in h.mistakes)
        return [*before, line + marks]

    # ---- the step --------------------------------------------------------------------------------------------------

    def _zero(self) -> list[str]:
        n = self.hand.names
        return {
            "optimizer": [f"{n.optimizer}.zero_grad()"], "to none": [f"{n.optimizer}.zero_grad(set_to_none=True)"],
            "not to none": [f"{n.optimizer}.zero_grad(set_to_none=False)"], "net": [f"{n.net}.zero_grad()"],
            "grad none": [f"for p in {n.net}.parameters():", "    p.grad = None"],
            "grad zero": [f"for p in {n.net}.parameters():", "    if p.grad is not None:", "        p.grad.zero_()"],
        }[self.zero]  # fmt: skip

    def step(self) -> list[str]:
        """One batch, from forward to step."""
        h, n, dice = self.hand, self.hand.names, self.dice
        nested = dice.chance("forward nested", 0.25) and not h.has("scaled")
        forward = [f"{n.outputs} = {n.net}({n.images})"]
        loss = f"{n.loss} = {self.loss_of(n.outputs)}"
        if nested and loss.count(n.outputs) == 1:
            forward, loss = [], f"{n.loss} = {self.loss_of(f'{n.net}({n.images})')}"
        ahead = [*h.note("forward", "순전파"), *forward, loss]
        backward = [*h.note("backward", "역전파"), f"{n.loss}.backward()"]
        zero, step = [*h.note("zero the gradients", "기울기 초기화"), *self._zero()], [f"{n.optimizer}.step()"]
        if not h.has("frozen") and dice.chance("gradients watched", 0.03):
            backward.append(f"norm = sum(p.grad.norm().item() ** 2 for p in {n.net}.parameters()) ** 0.5")
        if self.plain:
            return self._mistaken(ahead, backward, zero, step)
        if self.closure:
            inner = [*self._zero(), *ahead, *backward, f"return {n.loss}"]
            return ["def closure():", *indented(inner), f"{n.loss} = {n.optimizer}.step(closure)"]
        return {
            "first": [*zero, *ahead, *backward, *step], "before backward": [*ahead, *zero, *backward, *step],
            "end": [*ahead, *backward, *step, *zero], "before step": [*zero, *ahead, *backward, *step],
        }[self.order]  # fmt: skip

    def _mistaken(self, ahead: list[str], backward: list[str], zero: list[str], step: list[str]) -> list[str]:
        h, n = self.hand, self.hand.names
        if h.has("no_zero_grad"):
            zero = []
        if h.has("accumulated"):
            zero = ["if i % 2 == 0:", *indented(zero)]
        if h.has("zero_grad_after_backward"):
            return [*ahead, *backward, *zero, *step]
        if h.has("no_backward"):
            backward = []
        if h.has("detached_loss"):
            backward = [f"{n.loss}.detach().requires_grad_().backward()"]
        if h.has("backward_twice"):
            backward = [f"{n.loss}.backward(retain_graph=True)", *backward]
        if h.has("no_step"):
            step = []
        if h.has("step_before_backward"):
            return [*zero, *ahead, *step, *backward]
        if h.has("double_step"):
            step = step * 2
        if h.has("clip_norm"):
            step = [f"nn.utils.clip_grad_norm_({n.net}.parameters(), 0.01)", *step]
        if h.has("clip_value"):
            step = [f"torch.nn.utils.clip_grad_value_({n.net}.parameters(), 0.01)", *step]
        if h.has("schedule"):
            step = [*step, f"for group in {n.optimizer}.param_groups:", '    group["lr"] *= 0.5']
        return [*zero, *ahead, *backward, *step]

    # ---- the loop --------------------------------------------------------------------------------------------------

    def epoch(self) -> list[str]:
        """One pass over the training data."""
        h, n, dice = self.hand, self.hand.names, self.dice
        loader = n.test_loader if h.has("trained_on_test") else n.train_loader
        body = [*h.moved(n.images, n.labels), *self.step()]
        counted = self.loop in ("enumerate", "unpacked") or h.has("accumulated")
        logged = dice.pick("log", "running", "running", "sum", "none", "list")
        before: list[str] = []
        after: list[str] = []
        if logged in ("running", "sum"):
            total = dice.pick("running name", "running_loss", "total_loss", "epoch_loss", "train_loss")
            before, body = [f"{total} = 0.0"], [*body, f"{total} += {n.loss}.item()"]
            if logged == "running" and counted:
                every = dice.pick("every", 100, 500, 1000, 2000)
                said = f'print(f"step {{i + 1}} loss {{{total} / {every}:.3f}}")'
                body += [f"if i % {every} == {every - 1}:", f"    {said}", f"    {total} = 0.0"]
            else:
                after = [f'print("loss:", {total} / len({loader}))']
        elif logged == "list":
            before, body, after = ["losses = []"], [*body, f"losses.append({n.loss}.item())"], ["print(losses[-1])"]
        mode = [f"{n.net}.train()"] if h.modal or dice.chance("train mode", 0.6) else []
        return [*mode, *before, *self._over(loader, body, counted), *after]

    def _over(self, loader: str, body: list[str], counted: bool) -> list[str]:
        n = self.hand.names
        pair = f"{n.images}, {n.labels}"
        if self.loop in ("while", "iter next"):
            head = ["batches = iter(" + loader + ")", "while True:", "    try:", f"        {pair} = next(batches)",
                    "    except StopIteration:", "        break"]  # fmt: skip
            if self.loop == "iter next":
                head = [f"batches = iter({loader})", f"for i in range(len({loader})):", f"    {pair} = next(batches)"]
            elif counted:
                head[0], body = f"i, batches = 0, iter({loader})", [*body, "i += 1"]
            return [*head, *indented(body)]
        if self.loop == "unpacked":
            unpack = self.dice.pick("unpack", f"{pair} = batch", f"{pair} = batch[0], batch[1]")
            return [f"for i, batch in enumerate({loader}, 0):", *indented([unpack, *body])]
        if self.loop == "generator" and not counted:
            made = ["def batches(loader):", f"    for {pair} in loader:", f"        yield {pair}", ""]
            return [*made, f"for {pair} in batches({loader}):", *indented(body)]
        over = f"tqdm({loader})" if self.loop == "tqdm" else loader
        if counted:
            return [f"for i, ({pair}) in enumerate({over}):", *indented(body)]
        return [f"for {pair} in {over}:", *indented(body)]

    def epochs(self, epoch: list[str]) -> list[str]:
        n = self.hand.names
        said = [f'print("epoch", {n.epoch} + 1)'] if self.dice.chance("epoch said", 0.4) else []
        return [*self.hand.note("training", "학습"), f"for {n.epoch} in range({self.hand.settings['epochs']}):",
                *indented([*epoch, *said])]  # fmt: skip
