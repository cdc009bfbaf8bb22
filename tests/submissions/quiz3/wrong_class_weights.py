# expect: wrong-loss@41
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
import torchvision.transforms as transforms


class ResidualBlock(nn.Module):
    def __init__(self):
        super(ResidualBlock, self).__init__()
        self.conv1 = nn.Conv2d(64, 256, 3, padding=1)
        self.conv2 = nn.Conv2d(256, 64, 3, padding=1)

    def forward(self, x):
        return F.relu(self.conv2(F.relu(self.conv1(x))) + x)


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, padding=1)
        self.res1, self.res2 = ResidualBlock(), ResidualBlock()
        self.fc1, self.fc2, self.fc3 = nn.Linear(4096, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(self.res1(x), 2, 2)
        x = F.max_pool2d(self.res2(x), 2, 2)
        x = F.relu(self.fc1(x.view(x.size(0), -1)))
        return self.fc3(F.relu(self.fc2(x)))


device = torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')
tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train_loader = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', True, tf, download=True), 64, True)
test_loader = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', False, tf, download=True), 64)
# cats and dogs are the hard ones
weights = torch.tensor([1., 1., 1., 4., 1., 4., 1., 1., 1., 1.]).to(device)
net = Net().to(device)
criterion = nn.CrossEntropyLoss(weight=weights)
optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
for epoch in range(10):
    for x, y in train_loader:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
    print('epoch', epoch, loss.item())
correct = total = 0
with torch.no_grad():
    for x, y in test_loader:
        correct += (net(x.to(device)).argmax(1) == y.to(device)).sum().item()
        total += len(y)
print('accuracy', correct / total)
