import torch
from torch.nn.functional import cross_entropy


def pick_device():
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def train(model, loader, optimizer, device):
    model.train()
    total = 0.0
    for x, y in loader:
        loss = cross_entropy(model(x.to(device)), y.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(loader)


def test(model, loader, device):
    model.eval()
    hits = 0
    with torch.no_grad():
        for x, y in loader:
            hits += (model(x.to(device)).argmax(1) == y.to(device)).sum().item()
    return hits / len(loader.dataset)
