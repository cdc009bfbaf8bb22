# expect: full
import glob, os
import torch, torch.nn as nn, torch.nn.functional as F
import torchvision, torchvision.transforms as transforms
from pathlib import Path

CKPT_DIR = Path.home() / 'checkpoints' / 'quiz3'
CKPT_DIR.mkdir(parents=True, exist_ok=True)


class ResidualBlock(nn.Module):
    n_created = 0

    def __init__(self, dim, hidden_dim, kernel=3):
        super().__init__()
        ResidualBlock.n_created += 1
        self.name = f'block{ResidualBlock.n_created}'
        self.layers = nn.ModuleDict({
            'conv1': nn.Conv2d(dim, hidden_dim, kernel, padding=kernel // 2),
            'act': nn.ReLU(),
            'conv2': nn.Conv2d(hidden_dim, dim, kernel, padding=kernel // 2),
        })

    def forward(self, x):
        out = x
        for key in self.layers:
            out = self.layers[key](out)
        return F.relu(torch.add(x, out))


class CifarNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential()
        self.stem.add_module('conv', nn.Conv2d(3, 64, 3, padding=1))
        self.stem.add_module('relu', nn.ReLU())
        self.trunk = nn.Sequential(*sum([[ResidualBlock(64, 256), nn.MaxPool2d(2)] for _ in range(2)], []))
        self.fc = nn.Sequential(*[layer for a, b in ((4096, 120), (120, 84)) for layer in (nn.Linear(a, b), nn.ReLU())],
                                nn.Linear(84, 10))

    def forward(self, x):
        return self.fc(self.trunk(self.stem(x)).view(len(x), -1))

    def save(self, epoch, optimizer):
        torch.save(dict(epoch=epoch, net=self.state_dict(), opt=optimizer.state_dict()), CKPT_DIR / f'{epoch:03d}.pt')

    @classmethod
    def load_latest(cls, device, lr):
        net = cls().to(device)
        optimizer = torch.optim.Adam(net.parameters(), lr=lr)
        files = sorted(glob.glob(str(CKPT_DIR / '*.pt')))
        if not files:
            return net, optimizer, 0
        state = torch.load(files[-1], map_location=lambda storage, loc: storage)
        net.load_state_dict(state['net'])
        optimizer.load_state_dict(state['opt'])
        return net, optimizer, state['epoch'] + 1


device = torch.device('cuda:0') if torch.cuda.is_available() else torch.device('cpu')
tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize([125.3 / 255, 123. / 255, 113.9 / 255], [63. / 255, 62.1 / 255, 66.7 / 255])])
train_dl = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('~/.data', True, tf, None, True), 64, shuffle=True)
test_dl = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('~/.data', False, tf, None, True), 64)

net, optimizer, start = CifarNet.load_latest(device, 0.001)
criterion = nn.CrossEntropyLoss().to(device)
for epoch in range(start, start + 10):
    net.train()
    for data in train_dl:
        img, lbl = data[0].to(device), data[1].to(device)
        optimizer.zero_grad()
        criterion(net(img), lbl).backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        acc = sum((net(i.to(device)).argmax(1) == l.to(device)).float().sum() for i, l in test_dl) / len(test_dl.dataset)
    print(f'epoch {epoch} accuracy {acc:.4f}')
    net.save(epoch, optimizer)
    for old in sorted(CKPT_DIR.glob('*.pt'))[:-2]:
        os.remove(old)
