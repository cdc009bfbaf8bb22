# expect: full
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


class VGG11(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.LazyConv2d(64, 3, padding=1)
        self.conv2 = nn.LazyConv2d(128, 3, padding=1)
        self.conv3 = nn.LazyConv2d(256, 3, padding=1)
        self.conv4 = nn.LazyConv2d(256, 3, padding=1)
        self.conv5 = nn.LazyConv2d(512, 3, padding=1)
        self.conv6 = nn.LazyConv2d(512, 3, padding=1)
        self.conv7 = nn.LazyConv2d(512, 3, padding=1)
        self.conv8 = nn.LazyConv2d(512, 3, padding=1)
        self.fc = nn.LazyLinear(10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.conv3(x))
        x = F.max_pool2d(F.relu(self.conv4(x)), 2)
        x = F.relu(self.conv5(x))
        x = F.max_pool2d(F.relu(self.conv6(x)), 2)
        x = F.relu(self.conv7(x))
        x = F.max_pool2d(F.relu(self.conv8(x)), 2)
        return self.fc(x.flatten(1))


def get_data(train):
    transform = transforms.Compose([
        transforms.ToTensor(),
        transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    ])
    return datasets.CIFAR10("./data", train=train, download=True, transform=transform)


def main():
    train_loader = DataLoader(get_data(True), batch_size=64, shuffle=True)
    test_loader = DataLoader(get_data(False), batch_size=64)
    net = VGG11()
    net(torch.zeros(1, 3, 32, 32))  # the lazy layers learn their sizes here
    print("parameters:", sum(p.numel() for p in net.parameters()))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    for epoch in range(3):
        for images, labels in train_loader:
            optimizer.zero_grad()
            loss = criterion(net(images), labels)
            loss.backward()
            optimizer.step()
        print("epoch", epoch, "loss", loss.item())
    correct = 0
    with torch.no_grad():
        for images, labels in test_loader:
            correct += (net(images).argmax(1) == labels).sum().item()
    print("test accuracy: %.2f" % (100 * correct / len(test_loader.dataset)))


if __name__ == "__main__":
    main()
