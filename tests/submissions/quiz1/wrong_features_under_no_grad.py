# expect: detached-graph
import random

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets
from torchvision.transforms import Compose, Normalize, ToTensor


def set_seed(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def conv_block(in_channels, out_channels):
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel_size=5),
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=2, stride=2),
    )


def fc_block(in_features, out_features):
    return nn.Sequential(nn.Linear(in_features, out_features), nn.ReLU())


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(conv_block(3, 6), conv_block(6, 16))
        self.head = nn.Sequential(nn.Flatten(), fc_block(400, 120), fc_block(120, 84), nn.Linear(84, 10))

    def forward(self, images):
        with torch.no_grad():
            features = self.backbone(images)
        return self.head(features)


def main():
    set_seed(2021)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    transform = Compose([ToTensor(), Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
    training_data = datasets.CIFAR10(root="data", train=True, download=True, transform=transform)
    test_data = datasets.CIFAR10(root="data", train=False, download=True, transform=transform)
    train_dataloader = DataLoader(training_data, batch_size=64, shuffle=True)
    test_dataloader = DataLoader(test_data, batch_size=64)

    model = Network().to(device)
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(
        [{"params": model.backbone.parameters()}, {"params": model.head.parameters()}], lr=1e-3, momentum=0.9)

    for t in range(10):
        print(f"Epoch {t + 1}\n-------------------------------")
        model.train()
        for batch, (X, y) in enumerate(train_dataloader):
            X, y = X.to(device), y.to(device)
            loss = loss_fn(model(X), y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            if batch % 100 == 0:
                print(f"loss: {loss.item():>7f}  [{batch * len(X):>5d}/{len(training_data):>5d}]")

        model.eval()
        correct = 0
        with torch.no_grad():
            for X, y in test_dataloader:
                X, y = X.to(device), y.to(device)
                correct += (model(X).argmax(1) == y).type(torch.float).sum().item()
        correct /= len(test_dataloader.dataset)
        print(f"Test Error: \n Accuracy: {(100 * correct):>0.1f}%\n")
    print("Done!")


if __name__ == "__main__":
    main()
