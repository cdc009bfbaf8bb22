# expect: wrong-skip:block1.add@24
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
import torchvision.transforms as transforms

device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
trainloader = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', True, tf, download=True), 64, shuffle=True)
testloader = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', False, tf, download=True), 64)


class ResBlock(nn.Module):
    """The block learns the residual F(x) = H(x) - x"""

    def __init__(self, c, h):
        super().__init__()
        self.conv1 = nn.Conv2d(c, h, 3, padding=1)
        self.conv2 = nn.Conv2d(h, c, 3, padding=1)

    def forward(self, x):
        h = self.conv2(F.relu(self.conv1(x)))
        return F.relu(h - x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, padding=1)
        self.block1 = ResBlock(64, 256)
        self.block2 = ResBlock(64, 256)
        self.fc1 = nn.Linear(64 * 8 * 8, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(self.block1(x), 2)
        x = F.max_pool2d(self.block2(x), 2)
        x = x.view(-1, 64 * 8 * 8)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


net = Net().to(device)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
for epoch in range(10):
    for x, y in trainloader:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
correct = 0
with torch.no_grad():
    for x, y in testloader:
        correct += (net(x.to(device)).argmax(1) == y.to(device)).sum().item()
print('accuracy %.2f %%' % (100 * correct / len(testloader.dataset)))
