# expect: missing-skip:block1.add@24
from torch import nn
import torch
import torchvision
from torchvision import transforms as tf
from torch.utils.data import DataLoader

data_tf = tf.Compose([tf.ToTensor(), tf.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))])
dl = {t: DataLoader(torchvision.datasets.CIFAR10('data', train=t, download=True, transform=data_tf), 64, shuffle=t) for t in (True, False)}


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(64, 256, 3, padding=1)
        self.conv2 = nn.Conv2d(256, 64, 3, padding=1)
        self.relu = nn.ReLU()

    def forward(self, x):
        x = self.relu(self.conv1(x))
        x = self.conv2(x)
        identity = x            # too late: x is the output of conv2 by now
        x = x + identity
        return self.relu(x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 64, 3, padding=1), nn.ReLU(), Block(), nn.MaxPool2d(2), Block(), nn.MaxPool2d(2))
        self.classifier = nn.Sequential(nn.Linear(4096, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


net, loss_fn = Net(), nn.CrossEntropyLoss()
adam = torch.optim.Adam(net.parameters(), lr=1e-3)
for ep in range(8):
    net.train()
    for x, y in dl[True]:
        adam.zero_grad()
        loss_fn(net(x), y).backward()
        adam.step()
    net.eval()
    with torch.no_grad():
        ok = torch.cat([net(x).argmax(1) == y for x, y in dl[False]])
    print(f'epoch {ep} accuracy {ok.float().mean():.3%}')
