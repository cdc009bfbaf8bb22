# expect: tested-on-train
# my own data loader, because I wanted to know what DataLoader does
import random
import torch
import torchvision
import torchvision.transforms as T
from torch import nn


class MyLoader:
    def __init__(self, dataset, batch_size, shuffle=False):
        self.dataset = dataset
        self.batch_size = batch_size
        self.shuffle = shuffle

    def __len__(self):
        return (len(self.dataset) + self.batch_size - 1) // self.batch_size

    def __iter__(self):
        order = list(range(len(self.dataset)))
        if self.shuffle:
            random.shuffle(order)
        for start in range(0, len(order), self.batch_size):
            samples = [self.dataset[j] for j in order[start:start + self.batch_size]]
            yield self.collate(samples)

    @staticmethod
    def collate(samples):
        xs, ys = zip(*samples)
        return torch.stack(xs), torch.LongTensor(ys)


tf = T.Compose([T.ToTensor(), T.Normalize((0.4914, 0.4822, 0.4465), (0.247, 0.243, 0.261))])
trainset = torchvision.datasets.CIFAR10(root='./data', train=True, download=True, transform=tf)
testset = torchvision.datasets.CIFAR10(root='./data', train=False, download=True, transform=tf)
train_loader = MyLoader(trainset, 8, shuffle=True)
test_loader = MyLoader(testset, 8)

net = nn.Sequential(
    nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2, 2),
    nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2, 2),
    nn.Flatten(),
    nn.Linear(400, 120), nn.ReLU(),
    nn.Linear(120, 84), nn.ReLU(),
    nn.Linear(84, 10),
)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9)


def evaluate():
    net.eval()
    ok = n = 0
    with torch.no_grad():
        for x, y in train_loader:
            ok += int((net(x).argmax(1) == y).sum())
            n += len(y)
    net.train()
    return ok / n


for epoch in range(3):
    for step, (x, y) in enumerate(train_loader):
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
        if step % 500 == 0:
            print(f"epoch {epoch} step {step}/{len(train_loader)} loss {loss.item():.4f}")
    print(f"epoch {epoch}: test acc {evaluate():.4f}")
