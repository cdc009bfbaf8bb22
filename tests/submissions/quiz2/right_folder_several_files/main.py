import torch
import torch.nn as nn
import torch.optim as optim

from data import get_loaders
from engine import evaluate, train_epoch
from model import VGG11

EPOCHS = 3


def main():
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train_loader, test_loader = get_loaders(batch_size=64)
    model = VGG11(n_classes=10).to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    for epoch in range(EPOCHS):
        loss = train_epoch(model, train_loader, criterion, optimizer, device)
        print("epoch %d loss %.4f" % (epoch, loss))
    print("accuracy on the test set: %.2f%%" % (100 * evaluate(model, test_loader, device)))


if __name__ == "__main__":
    main()
