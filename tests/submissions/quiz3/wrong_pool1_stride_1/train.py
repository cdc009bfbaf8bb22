"""python train.py trains the network and tests it after every epoch."""
import torch
import torch.nn as nn
import torch.optim as optim

from data import make_loader
from model import ResidualCNN

EPOCHS = 10
BATCH_SIZE = 128


def train_epoch(model, loader, criterion, optimizer):
    model.train()
    for images, labels in loader:
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
    return loss.item()


def test(model, loader):
    model.eval()
    correct, total = 0, 0
    with torch.no_grad():
        for images, labels in loader:
            predicted = model(images).argmax(dim=1)
            correct += (predicted == labels).sum().item()
            total += labels.size(0)
    return correct / total


def main():
    train_loader = make_loader(True, BATCH_SIZE)
    test_loader = make_loader(False, BATCH_SIZE)
    model = ResidualCNN()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=0.001)
    for epoch in range(EPOCHS):
        loss = train_epoch(model, train_loader, criterion, optimizer)
        print("epoch", epoch + 1, "loss", loss)
        print("test accuracy", test(model, test_loader))


if __name__ == "__main__":
    main()
