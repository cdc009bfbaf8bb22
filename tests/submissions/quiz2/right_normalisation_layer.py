# expect: full
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets
from torchvision.transforms import ToTensor


class NormalizeLayer(nn.Module):
    """The pictures come in [0, 1]; normalising on the GPU is faster than in the loader."""

    def __init__(self, mean, std):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1))

    def forward(self, x):
        return (x - self.mean) / self.std


def vgg11():
    seq, before = [NormalizeLayer([0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616])], 3
    for widths in [[64], [128], [256, 256], [512, 512], [512, 512]]:
        for w in widths:
            seq += [nn.Conv2d(before, w, 3, padding=1), nn.ReLU(inplace=True)]
            before = w
        seq += [nn.MaxPool2d(2)]
    return nn.Sequential(*seq, nn.Flatten(), nn.Linear(512, 10))


def main():
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train = DataLoader(datasets.CIFAR10("data", True, ToTensor(), download=True), batch_size=64, shuffle=True)
    test = DataLoader(datasets.CIFAR10("data", False, ToTensor(), download=True), batch_size=64)
    net = vgg11().to(device)
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    for epoch in range(10):
        net.train()
        for X, y in train:
            X, y = X.to(device), y.to(device)
            pred = net(X)
            loss = loss_fn(pred, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        net.eval()
        correct = 0
        with torch.no_grad():
            for X, y in test:
                correct += (net(X.to(device)).argmax(1) == y.to(device)).type(torch.float).sum().item()
        print(f"Epoch {epoch + 1}: accuracy {100 * correct / len(test.dataset):>0.1f}%")


main()
