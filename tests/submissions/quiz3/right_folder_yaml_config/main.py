import torch
import yaml
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

from src.net import build

with open("config.yaml") as f:
    cfg = yaml.safe_load(f)

t = transforms.Compose([transforms.ToTensor(), transforms.Normalize(cfg["data"]["mean"], cfg["data"]["std"])])
loader = {}
for name in ("train", "test"):
    ds = datasets.CIFAR10(cfg["data"]["root"], train=name == "train", download=True, transform=t)
    loader[name] = DataLoader(ds, batch_size=cfg["data"]["batch_size"], shuffle=name == "train")

model = build(cfg["model"])
optimizer = torch.optim.Adam(model.parameters(), **cfg["optim"])
criterion = nn.CrossEntropyLoss()

for epoch in range(cfg["epochs"]):
    model.train()
    for x, y in loader["train"]:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch}: {loss.item():.4f}")

model.eval()
correct = 0
with torch.no_grad():
    for x, y in loader["test"]:
        correct += (model(x).argmax(1) == y).sum().item()
print("test accuracy:", correct / len(loader["test"].dataset))
