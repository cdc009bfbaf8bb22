# expect: extra-activation@34
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torchvision import datasets, transforms

BATCH = 64
scale = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train_loader = torch.utils.data.DataLoader(
    datasets.CIFAR10('data', train=True, download=True, transform=scale), batch_size=BATCH, shuffle=True)
test_loader = torch.utils.data.DataLoader(
    datasets.CIFAR10('data', train=False, transform=scale), batch_size=BATCH)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 6, 5)
        self.second = nn.Conv2d(6, 16, 5)
        self.pool = nn.MaxPool2d(2)
        self.hidden = nn.ModuleList([nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)])

    def forward(self, x):
        x = self.first(x)
        x = F.relu(x)
        x = self.pool(x)
        x = self.second(x)
        x = F.relu(x)
        x = self.pool(x)
        x = x.view(-1, 400)
        for layer in self.hidden:
            x = layer(x)
            x = F.relu(x)
        return F.log_softmax(x, dim=1)


model = Classifier()
optimizer = optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)


def train(epoch):
    model.train()
    for step, (data, target) in enumerate(train_loader):
        optimizer.zero_grad()
        loss = F.nll_loss(model(data), target)
        loss.backward()
        optimizer.step()
        if step % 100 == 0:
            print('epoch {} step {}: {:.4f}'.format(epoch, step, loss.item()))


def test():
    model.eval()
    hits = 0
    with torch.no_grad():
        for data, target in test_loader:
            hits += (model(data).argmax(dim=1) == target).sum().item()
    print('Accuracy: {}/{} ({:.2f}%)'.format(hits, len(test_loader.dataset), 100. * hits / len(test_loader.dataset)))


for epoch in range(1, 6):
    train(epoch)
test()
