# expect: full
import abc

import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as tt


class Classifier(nn.Module, abc.ABC):
    """What every classifier of this course can do."""

    def loss(self, batch, device):
        images, labels = batch
        return nn.functional.cross_entropy(self(images.to(device)), labels.to(device))

    def correct(self, batch, device):
        images, labels = batch
        return (self(images.to(device)).argmax(dim=1) == labels.to(device)).sum().item()


class VGGBase(Classifier):
    plan = ()

    def __init__(self, classes=10):
        super().__init__()
        blocks, channels = [], 3
        for widths in self.plan:
            for width in widths:
                blocks += [nn.Conv2d(channels, width, 3, 1, 1), nn.ReLU(inplace=True)]
                channels = width
            blocks.append(nn.MaxPool2d(2, 2))
        self.body = nn.Sequential(*blocks)
        self.classifier = nn.Linear(channels, classes)

    def forward(self, x):
        x = self.body(x)
        return self.classifier(x.squeeze(-1).squeeze(-1))


class VGG11(VGGBase):
    plan = ((64,), (128,), (256, 256), (512, 512), (512, 512))


def loaders(batch_size=256):
    stats = ((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))
    tf = tt.Compose([tt.ToTensor(), tt.Normalize(*stats, inplace=True)])
    train_ds = torchvision.datasets.CIFAR10("data", train=True, download=True, transform=tf)
    test_ds = torchvision.datasets.CIFAR10("data", train=False, download=True, transform=tf)
    return (torch.utils.data.DataLoader(train_ds, batch_size, shuffle=True, pin_memory=True),
            torch.utils.data.DataLoader(test_ds, batch_size * 2, pin_memory=True))


def fit(epochs, lr, model, train_dl, test_dl, device, opt_func=torch.optim.SGD):
    history = []
    optimizer = opt_func(model.parameters(), lr, momentum=0.9)
    for epoch in range(epochs):
        model.train()
        for batch in train_dl:
            loss = model.loss(batch, device)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        model.eval()
        with torch.no_grad():
            hits = sum(model.correct(batch, device) for batch in test_dl)
        history.append(hits / len(test_dl.dataset))
        print("Epoch [{}], test_acc: {:.4f}".format(epoch, history[-1]))
    return history


if __name__ == "__main__":
    device = torch.device("cuda") if torch.cuda.is_available() else torch.device("cpu")
    train_dl, test_dl = loaders()
    fit(8, 0.01, VGG11().to(device), train_dl, test_dl, device)
