# expect: clipped-gradients@53
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
import torchvision.transforms as tt
from torch.utils.data import DataLoader


class ImageClassificationBase(nn.Module):
    def training_step(self, batch):
        images, labels = batch
        out = self(images)
        loss = F.cross_entropy(out, labels)
        return loss

    def test_step(self, batch):
        images, labels = batch
        out = self(images)
        return (out.argmax(dim=1) == labels).sum().item(), len(labels)


class FullyConnectedHead(ImageClassificationBase):
    def __init__(self):
        super().__init__()
        self.head = nn.Sequential(
            nn.Linear(400, 120), nn.ReLU(),
            nn.Linear(120, 84), nn.ReLU(),
            nn.Linear(84, 10),
        )


class Cifar10CnnModel(FullyConnectedHead):
    def __init__(self):
        super().__init__()
        self.network = nn.Sequential(
            nn.Conv2d(3, 6, kernel_size=5), nn.ReLU(), nn.MaxPool2d(2, 2),
            nn.Conv2d(6, 16, kernel_size=5), nn.ReLU(), nn.MaxPool2d(2, 2),
            nn.Flatten(),
        )

    def forward(self, xb):
        return self.head(self.network(xb))


def fit(epochs, model, train_loader, optimizer):
    history = []
    for epoch in range(epochs):
        model.train()
        for batch in train_loader:
            loss = model.training_step(batch)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.1)
            optimizer.step()
            optimizer.zero_grad()
            history.append(loss.detach())
        print("Epoch [{}], train_loss: {:.4f}".format(epoch, torch.stack(history).mean().item()))
    return history


@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    results = [model.test_step(batch) for batch in loader]
    return sum(r[0] for r in results) / sum(r[1] for r in results)


if __name__ == "__main__":
    stats = ((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))
    tfms = tt.Compose([tt.ToTensor(), tt.Normalize(*stats)])
    train_ds = torchvision.datasets.CIFAR10("data", train=True, download=True, transform=tfms)
    test_ds = torchvision.datasets.CIFAR10("data", train=False, download=True, transform=tfms)
    train_dl = DataLoader(train_ds, 128, shuffle=True)
    test_dl = DataLoader(test_ds, 256)
    model = Cifar10CnnModel()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
    fit(10, model, train_dl, optimizer)
    print("Test accuracy:", evaluate(model, test_dl))
