# expect: program-error@53
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as transforms
from torch.utils.data import DataLoader


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 6, 5), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)
        self.act, self.pool, self.flat = nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()

    def forward(self, x):
        x = self.pool(self.act(self.conv1(x)))
        x = self.pool(self.act(self.conv2(x)))
        x = self.act(self.fc1(self.flat(x)))
        x = self.act(self.fc2(x))
        return self.fc3(x)


def get(train):
    t = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
    return DataLoader(torchvision.datasets.CIFAR10("data", train, t, download=True), 64, shuffle=train)


def train(epochs=5):
    net = LeNet()
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), 0.001, 0.9)
    for epoch in range(epochs):
        for x, y in get(True):
            optimizer.zero_grad()
            loss = loss_fn(net(x), y)
            loss.backward()
            optimizer.step()
        print(epoch, loss.item())
    torch.save(net.state_dict(), "lenet_cifar.pth")
    return net


if __name__ == "__main__":
    train()

    # test
    net = LeNet()
    net.eval()



    net.load_state_dict(torch.load("lenet-cifar.pth"))
    hits = 0
    with torch.no_grad():
        for x, y in get(False):
            hits += (net(x).argmax(1) == y).sum().item()
    print("accuracy", hits / 10000)
