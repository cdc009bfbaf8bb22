# expect: full
# My laptop GPU has 2 GB, so the big part of the network is checkpointed.
import torch
import torch.nn as nn
from torch.utils.checkpoint import checkpoint, checkpoint_sequential
from torch.utils.data import DataLoader
from torchvision.datasets import CIFAR10
from torchvision.transforms import Compose, Normalize, ToTensor

dev = 'cuda' if torch.cuda.is_available() else 'cpu'

tfm = Compose([ToTensor(), Normalize(mean=0.5, std=0.5)])
ds = {split: CIFAR10('./data', train=split == 'train', transform=tfm, download=True) for split in ('train', 'test')}
dl = {split: DataLoader(d, batch_size=32, shuffle=split == 'train') for split, d in ds.items()}


class LowMemoryVGG(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 64, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(64, 128, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2),
        )
        self.middle = nn.Sequential(
            nn.Conv2d(128, 256, 3, 1, 1), nn.ReLU(), nn.Conv2d(256, 256, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(256, 512, 3, 1, 1), nn.ReLU(), nn.Conv2d(512, 512, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2),
        )
        self.last = nn.Sequential(nn.Conv2d(512, 512, 3, 1, 1), nn.ReLU(), nn.Conv2d(512, 512, 3, 1, 1), nn.ReLU())
        self.fc = nn.Linear(512, 10)

    def forward(self, x):
        x = self.stem(x)
        if self.training:
            x = checkpoint_sequential(self.middle, 2, x, use_reentrant=False)
            x = checkpoint(self.last, x, use_reentrant=False)
        else:
            x = self.last(self.middle(x))
        x = x.amax(dim=(2, 3))      # 512x2x2 -> 512
        return self.fc(x)


net = LowMemoryVGG().to(dev)
ce = nn.CrossEntropyLoss()
optim = torch.optim.SGD(net.parameters(), momentum=0.9, lr=0.01)

for epoch in range(12):
    net.train()
    total = 0.
    for xb, yb in dl['train']:
        xb, yb = xb.to(dev), yb.to(dev)
        loss = ce(net(xb), yb)
        loss.backward()
        optim.step()
        optim.zero_grad()
        total += loss.item() * len(xb)
    print(f'{epoch=} loss={total / len(ds["train"]):.4f}')

net.eval()
ok = 0
with torch.no_grad():
    for xb, yb in dl['test']:
        ok += int((net(xb.to(dev)).argmax(1).cpu() == yb).sum())
print(f'test accuracy {ok}/{len(ds["test"])} = {ok / len(ds["test"]):.3f}')
