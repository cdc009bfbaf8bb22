# expect: full
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Subset
from torchvision import datasets, transforms
import numpy as np


class BaseClassifier(nn.Module):
    """shared by all my quizzes: compile(), fit(), evaluate() as in keras"""

    def compile(self, optimizer, loss, metrics=("accuracy",)):
        self.optimizer, self.loss, self.metrics = optimizer, loss, metrics

    def fit(self, loader, epochs, validation=None, callbacks=()):
        history = []
        for epoch in range(epochs):
            self.train()
            seen = 0
            total = 0.0
            for xb, yb in loader:
                total += self.train_on_batch(xb, yb) * len(xb)
                seen += len(xb)
            row = {"epoch": epoch, "loss": total / seen}
            if validation is not None:
                row.update({f"val_{k}": v for k, v in self.evaluate(validation).items()})
            history.append(row)
            print(" - ".join(f"{k}: {v:.4f}" for k, v in row.items()))
            for callback in callbacks:
                callback(self, row)
        return history

    def train_on_batch(self, xb, yb):
        def closure():
            self.optimizer.zero_grad()
            value = self.loss(self(xb), yb)
            value.backward()
            return value
        return self.optimizer.step(closure).item()

    def evaluate(self, loader):
        was_training = self.training
        self.eval()
        losses, hits, n = 0.0, 0, 0
        with torch.no_grad():
            for xb, yb in loader:
                scores = self(xb)
                losses += self.loss(scores, yb).item() * len(xb)
                hits += (scores.argmax(1) == yb).sum().item()
                n += len(xb)
        self.train(was_training)
        return {"loss": losses / n, "accuracy": hits / n}


class VGG11(BaseClassifier):
    def __init__(self):
        super().__init__()
        def stage(*sizes):
            seq = []
            for a, b in zip(sizes, sizes[1:]):
                seq += [nn.Conv2d(a, b, 3, padding=1), nn.ReLU()]
            return nn.Sequential(*seq, nn.MaxPool2d(2))
        self.block1 = stage(3, 64)
        self.block2 = stage(64, 128)
        self.block3 = stage(128, 256, 256)
        self.block4 = stage(256, 512, 512)
        self.block5 = stage(512, 512, 512)
        self.dense = nn.Linear(512, 10)

    def forward(self, inputs):
        h = inputs
        for name in ("block1", "block2", "block3", "block4", "block5"):
            h = getattr(self, name)(h)
        return self.dense(torch.flatten(h, -3))


class KeepBest:
    def __init__(self):
        self.best, self.state = -1, None

    def __call__(self, model, row):
        if row["val_accuracy"] > self.best:
            self.best = row["val_accuracy"]
            self.state = {k: v.clone() for k, v in model.state_dict().items()}


if __name__ == "__main__":
    tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.4914, 0.4822, 0.4465), (0.247, 0.2435, 0.2616))])
    everything = datasets.CIFAR10("data", train=True, download=True, transform=tf)
    order = np.random.RandomState(42).permutation(len(everything))
    train, val = Subset(everything, order[:-5000]), Subset(everything, order[-5000:])
    test = datasets.CIFAR10("data", train=False, download=True, transform=tf)

    model = VGG11()
    model.compile(torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9), nn.CrossEntropyLoss())
    keep = KeepBest()
    model.fit(DataLoader(train, 64, shuffle=True), epochs=12, validation=DataLoader(val, 64), callbacks=[keep])
    model.load_state_dict(keep.state)
    print("test:", model.evaluate(DataLoader(test, 64)))
