import pathlib
import tomllib

import torch
from torch import nn
from torchvision import datasets, transforms

HERE = pathlib.Path(__file__).resolve().parent
with open(HERE / "settings.toml", "rb") as f:
    settings = tomllib.load(f)


def network(widths):
    layers, before = [], 3
    for width in widths:
        if width == 0:
            layers.append(nn.MaxPool2d(2))
            continue
        layers += nn.Conv2d(before, width, 3, padding=1), nn.ReLU()
        before = width
    # the last pool: global maximum, whatever is left of the picture
    layers += nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(before, 10)
    return nn.Sequential(*layers)


def data(train):
    d = settings["data"]
    chain = transforms.Compose([transforms.ToTensor(), transforms.Normalize(d["mean"], d["std"])])
    dataset = datasets.CIFAR10(d["root"], train=train, download=True, transform=chain)
    return torch.utils.data.DataLoader(dataset, batch_size=d["batch_size"], shuffle=train)


model = network(settings["model"]["widths"])
o = dict(settings["optimizer"])
optimizer = getattr(torch.optim, o.pop("name"))(model.parameters(), **o)
criterion = nn.CrossEntropyLoss()

loader = data(train=True)
for epoch in range(settings["training"]["epochs"]):
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()

loader = data(train=False)
model.eval()
with torch.no_grad():
    result = torch.cat([model(x).argmax(1) == y for x, y in loader])
print(f"accuracy {result.float().mean():.4f} on {len(result)} pictures")
