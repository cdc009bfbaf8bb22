# expect: full
import torch, torchvision, numpy as np
from torch import nn
from torch.utils.data import TensorDataset, DataLoader, BatchSampler, RandomSampler

def as_tensors(train):
    d = torchvision.datasets.CIFAR10("data", train=train, download=True)
    x = torch.as_tensor(np.moveaxis(d.data, -1, 1)).float().div_(127.5).sub_(1)
    return TensorDataset(x, torch.as_tensor(d.targets))

training, testing = as_tensors(True), as_tensors(False)
picker = BatchSampler(RandomSampler(training), batch_size=4, drop_last=False)

net = nn.Sequential(nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
                    nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=.9)

def loss_of(batch):
    x, y = training[batch]
    return criterion(net(x), y)

for epoch in range(2):
    for batch in picker:
        optimizer.zero_grad()
        loss = loss_of(batch)
        loss.backward()
        optimizer.step()

net.eval()
with torch.no_grad():
    x, y = testing.tensors
    answers = net(x).argmax(dim=1)
    print("Accuracy: {:.1%}".format((answers == y).float().mean().item()))
