"""The training program around a network, and every mistake that it can hold, each by the lines that it changes."""

from __future__ import annotations

from collections.abc import Iterator

from grader.records import Recipe

NETWORK_ALONE = """import torch
import torch.nn as nn
import torch.nn.functional as F


"""
PROGRAM = '''import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
import torchvision
import torchvision.transforms as transforms

# NETWORK

transform = transforms.Compose([
    transforms.ToTensor(),
    transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
])
trainset = torchvision.datasets.CIFAR10(root="./data", train=True, download=True, transform=transform)
testset = torchvision.datasets.CIFAR10(root="./data", train=False, download=True, transform=transform)
trainloader = torch.utils.data.DataLoader(trainset, batch_size=4, shuffle=True)
testloader = torch.utils.data.DataLoader(testset, batch_size=4, shuffle=False)

net = Net()
criterion = nn.CrossEntropyLoss()
optimizer = OPTIMIZER
for epoch in range(2):
    for i, (inputs, labels) in enumerate(trainloader):
        optimizer.zero_grad()
        outputs = net(inputs)
        loss = criterion(outputs, labels)
        loss.backward()
        optimizer.step()
        if i % 1000 == 999:
            print(epoch, i, loss.item())

correct = 0
total = 0
net.eval()
with torch.no_grad():
    for images, labels in testloader:
        outputs = net(images)
        predicted = outputs.argmax(dim=1)
        total += labels.size(0)
        correct += (predicted == labels).sum().item()
print("Accuracy on the test images: %.2f %%" % (100 * correct / total))
'''
# Line endings that mutations change.
ZERO, STEP, BACKWARD = "        optimizer.zero_grad()\n", "        optimizer.step()\n", "        loss.backward()\n"
FORWARD, LOSS = "        outputs = net(inputs)\n        loss", "        loss = criterion(outputs, labels)\n"
CRITERION, NET, EPOCHS = "criterion = nn.CrossEntropyLoss()\n", "net = Net()\n", "for epoch in range(2):\n"
TESTED = "    for images, labels in testloader:\n"
COUNTED = "        correct += (predicted == labels).sum().item()\n"


def constructor(recipe: Recipe, **changes: object) -> str:
    shown = {key: value for key, value in recipe.hyperparameters.items() if key in ("lr", "momentum")} | changes
    return (
        f"optim.{recipe.optimizer}(net.parameters(), {', '.join(f'{key}={value!r}' for key, value in shown.items())})"
    )


def program(recipe: Recipe) -> str:
    return PROGRAM.replace("OPTIMIZER", constructor(recipe))


def mutants(recipe: Recipe) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(name, program with the network left out, codes that name it rightly)."""
    right = program(recipe)
    for name, old, new, codes in (*LOOP, *_optimizers(recipe), *LOSSES, *DATA, *TESTS):
        if old not in right:
            raise ValueError(f"mutation {name} changes nothing")
        yield name, right.replace(old, new, 1), codes


LOOP = (
    ("no_zero_grad", ZERO, "", ("no-zero-grad",)),
    ("zero_grad_after_backward", BACKWARD, BACKWARD + ZERO, ("zero-grad-after-backward",)),
    ("no_step", STEP, "", ("no-step",)),
    ("no_backward", BACKWARD, "", ("no-backward",)),
    ("step_before_backward", BACKWARD + STEP, STEP + BACKWARD, ("step-before-backward",)),
    ("double_step", STEP, STEP + STEP, ("double-step",)),
    ("backward_twice", BACKWARD, "        loss.backward(retain_graph=True)\n" + BACKWARD, ("backward-twice",)),
    ("clip_norm", STEP, "        nn.utils.clip_grad_norm_(net.parameters(), 0.01)\n" + STEP, ("clipped-gradients",)),
    (
        "clip_value",
        STEP,
        "        nn.utils.clip_grad_value_(net.parameters(), 0.0001)\n" + STEP,
        ("clipped-gradients",),
    ),
    (
        "accumulated",
        ZERO,
        "        if i % 2 == 0:\n            optimizer.zero_grad()\n",
        ("accumulated-gradients", "no-zero-grad"),
    ),
    ("labels_shifted", LOSS, "        loss = criterion(outputs, (labels + 1) % 10)\n", ("labels-mismatched",)),
    ("labels_rolled", LOSS, "        loss = criterion(outputs, labels.roll(1))\n", ("labels-mismatched",)),
    ("trained_on_test", "enumerate(trainloader)", "enumerate(testloader)", ("trained-on-test",)),
    ("stale_optimizer", EPOCHS, "net = Net()\n" + EPOCHS, ("stale-optimizer",)),
    (
        "frozen",
        NET,
        NET + "for p in list(net.parameters())[:2]:\n    p.requires_grad = False\n",
        ("frozen-parameters",),
    ),
    ("partial", "(net.parameters(),", "(list(net.parameters())[2:],", ("partial-optimizer",)),
    ("schedule", STEP, STEP + "        optimizer.param_groups[0]['lr'] *= 0.5\n", ("learning-rate-schedule",)),
    (
        "detached_loss",
        "        loss.backward()\n",
        "        loss.detach().requires_grad_().backward()\n",
        ("detached-graph",),
    ),
)
LOSSES = (
    ("summed", CRITERION, "criterion = nn.CrossEntropyLoss(reduction='sum')\n", ("wrong-loss",)),
    ("smoothed", CRITERION, "criterion = nn.CrossEntropyLoss(label_smoothing=0.1)\n", ("wrong-loss",)),
    ("mse", LOSS, "        loss = F.mse_loss(outputs, F.one_hot(labels, 10).float())\n", ("wrong-loss",)),
    (
        "bce",
        LOSS,
        "        loss = F.binary_cross_entropy_with_logits(outputs, F.one_hot(labels, 10).float())\n",
        ("wrong-loss",),
    ),
    ("nll", CRITERION, "criterion = nn.NLLLoss()\n", ("wrong-loss",)),
    ("margin", CRITERION, "criterion = nn.MultiMarginLoss()\n", ("wrong-loss",)),
    ("scaled", LOSS, LOSS.rstrip("\n") + " * 3\n", ("wrong-loss",)),
    (
        "softmax_outside",
        LOSS,
        "        loss = criterion(F.softmax(outputs, dim=1), labels)\n",
        ("softmax-before-cross-entropy",),
    ),
)
DATA = (
    ("not_normalised", "    transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),\n", "", ("not-normalised",)),
)
TESTS = (
    ("no_test", PROGRAM[PROGRAM.index("correct = 0") :], "", ("no-evaluation",)),
    ("tested_on_train", TESTED, "    for images, labels in trainloader:\n", ("tested-on-train",)),
    ("test_first_batch", COUNTED, COUNTED + "        break\n", ("test-incomplete",)),
    ("test_with_grad", "with torch.no_grad():\n", "if True:\n", ("test-with-grad",)),
    ("accuracy_by_batches", "correct / total", "correct / len(testloader)", ("wrong-accuracy",)),
    ("accuracy_of_the_least", "argmax(dim=1)", "argmin(dim=1)", ("wrong-accuracy",)),
)  # fmt: skip


def _optimizers(recipe: Recipe) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    right = constructor(recipe)
    for name, optimizer, changes, codes in optimizers(recipe):
        if optimizer == recipe.optimizer:
            yield name, right, constructor(recipe, **changes), codes
        else:
            said = ", ".join(f"{key}={value!r}" for key, value in changes.items())
            yield name, right, f"optim.{optimizer}(net.parameters(), {said})", codes


def optimizers(recipe: Recipe) -> Iterator[tuple[str, str, dict[str, object], tuple[str, ...]]]:
    """(name, optimizer, its arguments that the handout does not give it, codes) of every wrong optimizer."""
    rate = float(recipe.hyperparameters["lr"])
    changes: list[tuple[str, dict[str, object], str]] = [
        ("rate_times_10", {"lr": rate * 10}, "wrong-learning-rate"),
        ("rate_half", {"lr": rate / 2}, "wrong-learning-rate"),
        ("weight_decay", {"weight_decay": 5e-4 if recipe.optimizer == "SGD" else 0.01}, "extra-weight-decay"),
    ]
    if recipe.optimizer == "SGD":
        changes += [
            ("no_momentum", {"momentum": 0.0}, "wrong-momentum"),
            ("momentum_half", {"momentum": 0.5}, "wrong-momentum"),
            ("nesterov", {"nesterov": True}, "wrong-nesterov"),
            ("dampening", {"dampening": 0.5}, "wrong-dampening"),
        ]
    else:
        changes += [("betas", {"betas": (0.5, 0.999)}, "wrong-betas"), ("amsgrad", {"amsgrad": True}, "wrong-amsgrad")]
    for name, change, code in changes:
        yield name, recipe.optimizer, change, (code,)
    for other in ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta"):
        if other != recipe.optimizer:
            yield f"optimizer_{other}", other, {"lr": rate}, ("wrong-optimizer",)
