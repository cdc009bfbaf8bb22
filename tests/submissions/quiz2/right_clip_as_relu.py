# expect: full
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as T


class VGG(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.ModuleList()
        for i, o in zip((3, 64, 128, 256, 256, 512, 512, 512), (64, 128, 256, 256, 512, 512, 512, 512)):
            self.conv.append(nn.Conv2d(i, o, 3, padding=1))
        self.fc = nn.Linear(512, 10)

    def forward(self, x):
        for i, conv in enumerate(self.conv):
            x = torch.clip(conv(x), min=0)          # as np.clip
            if i in (0, 1, 3, 5, 7):
                x = torch.max_pool2d(x, 2)
        return self.fc(x.flatten(1))


tf = T.Compose([T.ToTensor(), T.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', True, tf, download=True), 64, shuffle=True)
test = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', False, tf, download=True), 64)
net, ce = VGG(), nn.CrossEntropyLoss()
opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
for epoch in range(10):
    for x, y in train:
        opt.zero_grad()
        ce(net(x), y).backward()
        opt.step()
with torch.no_grad():
    n = sum((net(x).argmax(1) == y).sum().item() for x, y in test)
print('accuracy', n / len(test.dataset))
