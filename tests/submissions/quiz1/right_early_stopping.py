# expect: full
import copy
import logging
from pathlib import Path

import torch
import torchvision
from torch import nn
from torch.utils.data import DataLoader, SubsetRandomSampler
from torchvision.transforms import v2

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
log = logging.getLogger("cifar")
OUT = Path("runs") / "lenet"
OUT.mkdir(parents=True, exist_ok=True)


class EarlyStopping:
    def __init__(self, patience=3):
        self.patience, self.best, self.left, self.weights = patience, float("inf"), patience, None

    def __call__(self, loss, model):
        if loss < self.best:
            self.best, self.left, self.weights = loss, self.patience, copy.deepcopy(model.state_dict())
        else:
            self.left -= 1
        return self.left <= 0


class Block(nn.Sequential):
    def __init__(self, i, o):
        super().__init__(nn.Conv2d(i, o, 5, padding=0), nn.ReLU(), nn.MaxPool2d(2))


class Net(nn.Sequential):
    def __init__(self):
        super().__init__(Block(3, 6), Block(6, 16), nn.Flatten(1), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


norm = v2.Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])
augment = v2.Compose([v2.ToImage(), v2.RandomHorizontalFlip(), v2.RandomCrop(32, 4), v2.ToDtype(torch.float32, scale=True), norm])
plain = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True), norm])
full = torchvision.datasets.CIFAR10("data", train=True, download=True, transform=augment)
full_plain = torchvision.datasets.CIFAR10("data", train=True, download=True, transform=plain)
test = torchvision.datasets.CIFAR10("data", train=False, download=True, transform=plain)
indices = torch.randperm(len(full)).tolist()
train_loader = DataLoader(full, 32, sampler=SubsetRandomSampler(indices[5000:]))
valid_loader = DataLoader(full_plain, 32, sampler=SubsetRandomSampler(indices[:5000]))
test_loader = DataLoader(test, 32)


def run(model, loader, optimizer=None):
    model.train(optimizer is not None)
    total, right, count = 0.0, 0, 0
    with torch.set_grad_enabled(optimizer is not None):
        for x, y in loader:
            out = model(x)
            loss = nn.functional.cross_entropy(out, y)
            if optimizer is not None:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            total += loss.item() * len(y)
            right += (out.argmax(1) == y).sum().item()
            count += len(y)
    return total / count, right / count


model = Net()
optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
stop = EarlyStopping()
for epoch in range(50):
    loss, acc = run(model, train_loader, optimizer)
    valid_loss, valid_acc = run(model, valid_loader)
    log.info("epoch %d train %.3f/%.3f valid %.3f/%.3f", epoch, loss, acc, valid_loss, valid_acc)
    if stop(valid_loss, model):
        break
model.load_state_dict(stop.weights)
torch.save(stop.weights, OUT / "best.pt")
_, test_acc = run(model, test_loader)
print(f"test accuracy {test_acc:.4f}")
