# expect: full
import random
import torch
from torch import nn, optim
from torch.utils.data import IterableDataset, DataLoader
import torchvision
import torchvision.transforms.functional as TF


class Stream(IterableDataset):
    def __init__(self, train):
        source = torchvision.datasets.CIFAR10('~/data', train=train, download=True)
        self.pairs = list(zip(source.data, source.targets))
        self.train = train

    def __iter__(self):
        pairs = self.pairs
        if self.train:
            pairs = random.sample(pairs, len(pairs))
        for picture, label in pairs:
            yield TF.normalize(TF.to_tensor(picture), [0.5] * 3, [0.5] * 3), label


def collate(samples):
    return {'x': torch.stack([s[0] for s in samples]), 'y': [s[1] for s in samples]}


train_loader = DataLoader(Stream(True), batch_size=32, collate_fn=collate)
test_loader = DataLoader(Stream(False), batch_size=32, collate_fn=collate)


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 6, 5), nn.Conv2d(6, 16, 5)
        self.fcs = nn.ModuleList([nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)])

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = torch.max_pool2d(torch.relu(self.conv2(x)), 2)
        x = x.view(len(x), 400)
        for fc in self.fcs[:-1]:
            x = torch.relu(fc(x))
        return self.fcs[-1](x)


cnn = Cnn()
ce = nn.CrossEntropyLoss()
sgd = optim.SGD(cnn.parameters(), lr=0.001, momentum=0.9)
for epoch in range(2):
    for batch in train_loader:
        sgd.zero_grad()
        loss = ce(cnn(batch['x']), torch.tensor(batch['y']))
        loss.backward()
        sgd.step()
    print('epoch', epoch, 'done, loss', loss.item())

cnn.eval()
hit = seen = 0
with torch.no_grad():
    for batch in test_loader:
        guess = cnn(batch['x']).argmax(1).tolist()
        hit += sum(g == y for g, y in zip(guess, batch['y']))
        seen += len(guess)
print('accuracy %.4f' % (hit / seen))
