# expect: wrong-attribute:conv3.padding@34
import copy

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.utils.data import DataLoader, random_split
from torchvision import transforms
from torchvision.datasets import CIFAR10

device = torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')
torch.manual_seed(2023)

transform = transforms.Compose([
    transforms.ToTensor(),
    transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
])
dataset = CIFAR10(root='./data', train=True, download=True, transform=transform)
train_set, valid_set = random_split(dataset, [45000, 5000])
test_set = CIFAR10(root='./data', train=False, download=True, transform=transform)
loaders = {
    'train': DataLoader(train_set, batch_size=64, shuffle=True),
    'valid': DataLoader(valid_set, batch_size=64),
    'test': DataLoader(test_set, batch_size=64),
}


class MyNet(nn.Module):
    def __init__(self):
        super(MyNet, self).__init__()
        self.conv1 = nn.Conv2d(3, 64, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(64, 128, kernel_size=3, padding=1)
        self.conv3 = nn.Conv2d(128, 256, kernel_size=3)
        self.conv4 = nn.Conv2d(256, 256, kernel_size=3, padding=1)
        self.conv5 = nn.Conv2d(256, 512, kernel_size=3, padding=1)
        self.conv6 = nn.Conv2d(512, 512, kernel_size=3, padding=1)
        self.conv7 = nn.Conv2d(512, 512, kernel_size=3, padding=1)
        self.conv8 = nn.Conv2d(512, 512, kernel_size=3, padding=1)
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(512, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), (2, 2))
        x = F.max_pool2d(F.relu(self.conv2(x)), (2, 2))
        x = F.relu(self.conv3(x))
        x = F.max_pool2d(F.relu(self.conv4(x)), (2, 2))
        x = F.relu(self.conv5(x))
        x = F.max_pool2d(F.relu(self.conv6(x)), (2, 2))
        x = F.relu(self.conv7(x))
        x = F.relu(self.conv8(x))
        x = self.gap(x)
        x = x.view(x.size()[0], -1)
        return self.fc(x)


def accuracy(model, loader):
    model.eval()
    correct, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            correct += (model(x).argmax(1) == y).sum().item()
            total += y.size(0)
    return 100 * correct / total


model = MyNet().to(device)
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

best_acc, best_weights = -1.0, None
for epoch in range(6):
    model.train()
    for x, y in loaders['train']:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
    valid_acc = accuracy(model, loaders['valid'])
    print(f'epoch {epoch + 1} valid accuracy {valid_acc:.2f}%')
    if valid_acc > best_acc:
        best_acc, best_weights = valid_acc, copy.deepcopy(model.state_dict())
        torch.save(best_weights, 'best.pt')

model.load_state_dict(torch.load('best.pt', map_location=device))
print(f'test accuracy {accuracy(model, loaders["test"]):.2f}%')
