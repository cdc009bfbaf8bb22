# expect: full
import torch, torchvision
import torch.nn as nn
import torch.nn.functional as F
import torchvision.transforms as T

tf = T.Compose([T.ToTensor(), T.Normalize((0.4914, 0.4822, 0.4465), (0.247, 0.243, 0.261))])
sets = {s: torchvision.datasets.CIFAR10("cifar", train=(s == "train"), download=True, transform=tf) for s in ("train", "test")}


def batches(split, size, shuffle):
    """yields (images, labels), the last one may be smaller"""
    data = sets[split]
    order = torch.randperm(len(data)) if shuffle else torch.arange(len(data))
    for part in order.split(size):
        pairs = [data[int(i)] for i in part]
        yield torch.stack([p[0] for p in pairs]), torch.LongTensor([p[1] for p in pairs])


class LeNet(nn.Module):
    def __init__(self):
        super(LeNet, self).__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = self.pool(self.conv1(x).relu())
        x = self.pool(self.conv2(x).relu())
        x = x.flatten(1)
        return self.fc3(self.fc2(self.fc1(x).relu()).relu())


def evaluate(net):
    net.eval()
    right, n = 0, 0
    with torch.no_grad():
        for x, y in batches("test", 16, False):
            right += (net(x).max(1).indices == y).float().sum()
            n += len(y)
    net.train()
    return right / n


net = LeNet()
optimizer = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9)
for epoch in range(3):
    for x, y in batches("train", 16, True):
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
    print(f"epoch {epoch}: test accuracy {evaluate(net):.3f}")
