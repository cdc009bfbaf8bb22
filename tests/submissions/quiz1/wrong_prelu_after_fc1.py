# expect: wrong-activation:relu3@26
import torch
import torch.nn as nn
import torchvision
from torchvision import transforms


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)
        self.pool = nn.MaxPool2d(2)
        self.slope = nn.Parameter(torch.tensor([0.25]))

    def forward(self, x):
        relu = torch.relu
        x = self.pool(relu(self.conv1(x)))
        x = self.pool(relu(self.conv2(x)))
        x = x.view(-1, 400)
        x = self.fc1(x)
        # learn the slope
        x = nn.functional.prelu(x, self.slope)
        x = relu(self.fc2(x))
        return self.fc3(x)


tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train_loader = torch.utils.data.DataLoader(
    torchvision.datasets.CIFAR10('./data', train=True, download=True, transform=tf), batch_size=5, shuffle=True)
test_loader = torch.utils.data.DataLoader(
    torchvision.datasets.CIFAR10('./data', train=False, download=True, transform=tf), batch_size=5)
m = Model()
c = nn.CrossEntropyLoss()
o = torch.optim.SGD(m.parameters(), lr=0.001, momentum=0.9)
for e in range(2):
    for x, y in train_loader:
        o.zero_grad()
        c(m(x), y).backward()
        o.step()
ok, n = 0, 0
with torch.no_grad():
    for x, y in test_loader:
        ok += (m(x).argmax(1) == y).sum().item()
        n += len(y)
print(ok / n)
