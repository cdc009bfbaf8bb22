# expect: full
import torch
import torch.nn as nn
import torch.utils.checkpoint as cp
import torchvision
from torchvision import transforms as tr


class Block(nn.Module):
    def __init__(self, inplanes=64, planes=256, with_cp=True):
        super().__init__()
        self.conv1 = nn.Conv2d(inplanes, planes, 3, stride=1, padding=1, dilation=1)
        self.conv2 = nn.Conv2d(planes, inplanes, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.with_cp = with_cp

    def forward(self, x):
        def _inner_forward(x):
            out = self.conv1(x)
            out = self.relu(out)
            out = self.conv2(out)
            return out + x

        if self.with_cp and x.requires_grad:
            out = cp.checkpoint(_inner_forward, x, use_reentrant=True)
        else:
            out = _inner_forward(x)
        return self.relu(out)


class SmallResNet(nn.Module):
    def __init__(self, num_stages=2, stem_channels=64, hidden=256):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, stem_channels, kernel_size=3, stride=1, padding=1), nn.ReLU(inplace=True))
        self.stages = []
        for i in range(num_stages):
            name = f'layer{i + 1}'
            self.add_module(name, nn.Sequential(Block(stem_channels, hidden), nn.MaxPool2d(2, 2)))
            self.stages.append(name)
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(4096, 120), nn.ReLU(inplace=True),
                                  nn.Linear(120, 84), nn.ReLU(inplace=True), nn.Linear(84, 10))

    def forward(self, x):
        x = self.stem(x)
        for name in self.stages:
            x = getattr(self, name)(x)
        return self.head(x)


norm = tr.Normalize(mean=(0.4914, 0.4822, 0.4465), std=(0.2470, 0.2435, 0.2616))
pipe = dict(train=tr.Compose([tr.RandomCrop(32, 4), tr.RandomHorizontalFlip(), tr.ToTensor(), norm]),
            test=tr.Compose([tr.ToTensor(), norm]))
data = {k: torchvision.datasets.CIFAR10('./data', train=(k == 'train'), transform=v, download=True) for k, v in pipe.items()}
load = {k: torch.utils.data.DataLoader(v, batch_size=64, shuffle=(k == 'train')) for k, v in data.items()}

model = SmallResNet()
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
criterion = nn.CrossEntropyLoss()
for epoch in range(10):
    model.train()
    for img, gt in load['train']:
        loss = criterion(model(img), gt)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print('epoch %d loss %.4f' % (epoch, loss))
model.eval()
num = 0
with torch.no_grad():
    for img, gt in load['test']:
        num += model(img).argmax(1).eq(gt).sum().item()
print('top-1: %.2f' % (num * 100. / len(data['test'])))
