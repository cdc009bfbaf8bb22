"""The test: the loop over the test set, what counts as right, and how the accuracy is said."""

from __future__ import annotations

from grader.validate.compose.hand import Hand
from grader.validate.compose.text import indented

PREDICTED = (
    "_, {p} = torch.max({o}, 1)", "_, {p} = torch.max({o}.data, 1)", "{p} = {o}.argmax(dim=1)", "{p} = {o}.argmax(1)",
    "{p} = torch.argmax({o}, dim=1)", "{p} = {o}.max(1)[1]", "{p} = {o}.topk(1, dim=1)[1].squeeze(1)",
    "{p} = F.softmax({o}, dim=1).argmax(dim=1)", "{p} = {o}.sort(dim=1, descending=True)[1][:, 0]",
    "{p} = torch.max({o}, dim=-1).indices", "{p} = {o}.argmax(axis=-1)",
)  # fmt: skip
COUNTED = (
    "{c} += ({p} == {y}).sum().item()", "{c} += ({p} == {y}).sum().item()", "{c} += {p}.eq({y}).sum().item()",
    "{c} += int(({p} == {y}).sum())", "{c} += torch.sum({p} == {y}).item()", "{c} += ({p} == {y}).float().sum().item()",
    "{c} += torch.eq({p}, {y}).cpu().sum().item()", "{c} += ({p}.cpu().numpy() == {y}.cpu().numpy()).sum()",
    "{c} += len({y}) - torch.count_nonzero({p} - {y}).item()",
)  # fmt: skip
ONE_BY_ONE = ("for a, b in zip({p}, {y}):", "    if a == b:", "        {c} += 1")
SIZES = ("{y}.size(0)", "{y}.size(0)", "len({y})", "{y}.shape[0]", "{x}.size(0)", "{x}.shape[0]")
SAID = (
    'print("Accuracy of the network on the test images: %d %%" % (100 * {a}))',
    'print("Accuracy: %.2f %%" % (100 * {a}))', 'print(f"Accuracy: {{100 * {a}:.2f}}%")',
    'print(f"test accuracy {{{a}:.4f}}")', 'print("accuracy = {{:.2%}}".format({a}))',
    'print("Test Accuracy:", 100.0 * {a}, "%")', 'print("acc", {a})', 'print(f"정확도: {{100 * {a}:.1f}}%")',
    'print("Test accuracy: {{}}/{{}} ({{:.1f}}%)".format({c}, {n}, 100.0 * {a}))',
    'print("Accuracy: " + str(100 * {a}) + "%")', 'print(f"{{{c}}} of {{{n}}} right, accuracy {{{a}:.3f}}")',
)  # fmt: skip


class Testing:
    def __init__(self, hand: Hand) -> None:
        self.hand, self.dice = hand, hand.dice
        dice = hand.dice
        self.way = dice.pick("test", *("counted",) * 6, "collected", "per class", "mean")
        if hand.has("accuracy_by_batches", "accuracy_of_the_least", "test_first_batch"):
            self.way = "counted"
        self.guard = dice.pick("without gradients", *("no_grad",) * 5, "inference_mode", "set_grad_enabled")

    def lines(self, *, decorated: bool = False, returned: bool = False) -> list[str]:
        """The whole test. ``decorated``: a decorator turns gradients off; ``returned``: the accuracy is returned."""
        h, n, dice = self.hand, self.hand.names, self.dice
        if h.has("no_test"):
            return ['print("finished")']
        loader = n.train_loader if h.has("tested_on_train") else n.test_loader
        mode = [f"{n.net}.eval()"] if h.modal or dice.chance("eval mode", 0.75) else []
        before, body, accuracy, after = self._counting(loader)
        if h.has("test_first_batch"):
            body = [*body, "break"]
        loop = [f"for {n.images}, {n.labels} in {loader}:", *indented(body)]
        if dice.chance("unpacked test", 0.2):
            loop = [f"for data_ in {loader}:", *indented([f"{n.images}, {n.labels} = data_", *body])]
        if not decorated and not h.has("test_with_grad"):
            guard = {"no_grad": "torch.no_grad()", "inference_mode": "torch.inference_mode()",
                     "set_grad_enabled": "torch.set_grad_enabled(False)"}[self.guard]  # fmt: skip
            loop = [f"with {guard}:", *indented(loop)]
        said = dice.pick("said", *SAID)
        if h.has("accuracy_by_batches", "accuracy_of_the_least"):  # a count or a whole number may be right by chance
            said = dice.pick("said in decimals", *(one for one in SAID if ".2f" in one or ".4f" in one or ".2%" in one))
        if "{c}" in said and self.way in ("collected", "mean"):
            said = SAID[2]
        shown = said.format(a=accuracy, c=n.correct, n=self._total(loader))
        if returned:
            return [*mode, *before, *loop, *after, f"return {accuracy}"]
        if dice.chance("accuracy named", 0.4) and "{c}" not in said:
            shown = said.format(a="accuracy", c="", n="")
            after = [*after, f"accuracy = {accuracy}"]
        return [*h.note("test", "평가"), *mode, *before, *loop, *after, shown]

    def said(self, accuracy: str) -> str:
        simple = [one for one in SAID if "{c}" not in one]
        if self.hand.has("accuracy_by_batches", "accuracy_of_the_least"):
            simple = [one for one in simple if "%d" not in one]
        return self.dice.pick("said", *simple).format(a=accuracy)

    def _total(self, loader: str) -> str:
        return self.hand.names.total if self.way != "collected" else f"len({loader}.dataset)"

    def _counting(self, loader: str) -> tuple[list[str], list[str], str, list[str]]:
        """(before the loop, in it, the accuracy as a fraction, after it)."""
        h, n, dice = self.hand, self.hand.names, self.dice
        words = {"p": n.predicted, "o": n.outputs, "y": n.labels, "x": n.images, "c": n.correct}
        ahead = [*h.moved(n.images, n.labels), f"{n.outputs} = {n.net}({n.images})"]
        answer = dice.pick("predicted", *PREDICTED).format(**words)
        if h.has("accuracy_of_the_least"):
            answer = f"{n.predicted} = {n.outputs}.argmin(dim=1)"
        after: list[str] = []
        if self.way == "collected":
            before = ["answers, truth = [], []"]
            body = [*ahead, answer, f"answers.append({n.predicted}.cpu())", f"truth.append({n.labels}.cpu())"]
            after = ["answers, truth = torch.cat(answers), torch.cat(truth)"]
            return before, body, "(answers == truth).float().mean().item()", after
        size = dice.pick("size", *SIZES).format(**words)
        body = [*ahead, answer]
        if dice.chance("one by one", 0.06):
            body += [line.format(**words) for line in ONE_BY_ONE]
        elif self.way == "mean":
            body.append(f"{n.correct} += ({n.predicted} == {n.labels}).float().mean().item() * {size}")
        else:
            body.append(dice.pick("counted", *COUNTED).format(**words))
        counts = [f"{n.correct} = {n.total} = 0"]
        if dice.chance("apart", 0.5):
            counts = [f"{n.correct} = 0", f"{n.total} = 0"]
        body.insert(len(body) if dice.chance("total last", 0.6) else len(ahead), f"{n.total} += {size}")
        after = []
        if self.way == "per class":
            counts += ["class_right = [0] * 10", "class_total = [0] * 10"]
            body += [f"for y_true, y_got in zip({n.labels}, {n.predicted}):", "    class_total[int(y_true)] += 1",
                     "    class_right[int(y_true)] += int(y_true == y_got)"]  # fmt: skip
            after = ["for c in range(10):",
                     '    print("class %d: %.1f %%" % (c, 100 * class_right[c] / max(1, class_total[c])))']  # fmt: skip
        total = f"len({loader})" if h.has("accuracy_by_batches") else n.total
        return counts, body, f"{n.correct} / {total}", after
