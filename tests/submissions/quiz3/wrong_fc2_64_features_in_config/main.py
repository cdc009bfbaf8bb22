import json

import torch
from torch.nn.functional import cross_entropy
from torchvision import datasets
from torchvision.transforms import Compose, Normalize, ToTensor

from nets import build_classifier

with open("config.json") as f:
    config = json.load(f)

transform = Compose([ToTensor(), Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train_loader = torch.utils.data.DataLoader(
    datasets.CIFAR10("data", train=True, download=True, transform=transform),
    batch_size=config["batch_size"], shuffle=True)
test_loader = torch.utils.data.DataLoader(
    datasets.CIFAR10("data", train=False, download=True, transform=transform),
    batch_size=config["batch_size"])

model = build_classifier(config["channels"], config["hidden"], config["fully_connected"])
optimizer = torch.optim.Adam(model.parameters(), lr=config["lr"])

for epoch in range(config["epochs"]):
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    print("epoch", epoch, "loss", loss.item())

correct = 0
with torch.no_grad():
    for x, y in test_loader:
        correct += (model(x).argmax(1) == y).sum().item()
print("accuracy", correct / len(test_loader.dataset))
