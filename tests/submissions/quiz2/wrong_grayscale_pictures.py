# expect: wrong-attribute:conv1.in_channels
import torch
import torch.nn as nn
import torch.nn.functional as F
from torchvision import datasets, transforms

# colour is not needed to tell a cat from a ship
prep = transforms.Compose([transforms.Grayscale(), transforms.ToTensor(), transforms.Normalize((0.5,), (0.25,))])
train = torch.utils.data.DataLoader(datasets.CIFAR10('.', True, prep, download=True), 64, shuffle=True)
test = torch.utils.data.DataLoader(datasets.CIFAR10('.', False, prep, download=True), 64)


class GrayVGG(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 64, 3, padding=1)
        self.conv2 = nn.Conv2d(64, 128, 3, padding=1)
        self.conv3 = nn.Conv2d(128, 256, 3, padding=1)
        self.conv4 = nn.Conv2d(256, 256, 3, padding=1)
        self.conv5 = nn.Conv2d(256, 512, 3, padding=1)
        self.conv6 = nn.Conv2d(512, 512, 3, padding=1)
        self.conv7 = nn.Conv2d(512, 512, 3, padding=1)
        self.conv8 = nn.Conv2d(512, 512, 3, padding=1)
        self.fc = nn.Linear(512, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.max_pool2d(F.relu(self.conv4(F.relu(self.conv3(x)))), 2)
        x = F.max_pool2d(F.relu(self.conv6(F.relu(self.conv5(x)))), 2)
        x = F.max_pool2d(F.relu(self.conv8(F.relu(self.conv7(x)))), 2)
        return self.fc(x.squeeze(-1).squeeze(-1))


net = GrayVGG()
opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
for epoch in range(10):
    for x, y in train:
        opt.zero_grad()
        F.cross_entropy(net(x), y).backward()
        opt.step()
n = 0
with torch.no_grad():
    for x, y in test:
        n += (net(x).argmax(1) == y).sum().item()
print('accuracy', n / len(test.dataset))
