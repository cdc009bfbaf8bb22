import argparse

import torch

from . import data, engine
from .model import ResidualCNN


def main(argv=None):
    parser = argparse.ArgumentParser(prog="quiz3")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--lr", type=float, default=0.001)
    args = parser.parse_args(argv)

    device = engine.pick_device()
    model = ResidualCNN().to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    train_loader, test_loader = data.loaders()
    for epoch in range(1, args.epochs + 1):
        loss = engine.train(model, train_loader, optimizer, device)
        accuracy = engine.test(model, test_loader, device)
        print(f"{epoch:3d}  loss {loss:.4f}  test accuracy {accuracy:.4f}")


if __name__ == "__main__":
    main()
