# expect: full
import random
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
import torchvision
from torchvision.transforms import functional as TF


class CifarWrapper(Dataset):
    """CIFAR-10 with my own augmentation (so that train and validation may differ)"""
    MEAN = [0.4914, 0.4822, 0.4465]
    STD = [0.2023, 0.1994, 0.2010]

    def __init__(self, base, augment=False, indices=None):
        self.base = base
        self.augment = augment
        self.indices = indices if indices is not None else range(len(base))

    def __len__(self):
        return len(self.indices)

    def __getitem__(self, item):
        img, target = self.base[self.indices[item]]
        if self.augment:
            if random.random() > 0.5:
                img = TF.hflip(img)
            if random.random() > 0.5:
                img = TF.adjust_brightness(img, 0.8 + 0.4 * random.random())
        img = TF.normalize(TF.to_tensor(img), self.MEAN, self.STD)
        return {'image': img, 'label': torch.tensor(target)}


class Skip(nn.Module):
    def __init__(self, fn):
        super().__init__()
        self.fn = fn

    def forward(self, x):
        return x + self.fn(x)


def conv(i, o): return nn.Conv2d(i, o, kernel_size=3, padding=1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        def res():
            return [Skip(nn.Sequential(conv(64, 256), nn.ReLU(), conv(256, 64))), nn.ReLU(), nn.MaxPool2d(2)]
        self.seq = nn.Sequential(conv(3, 64), nn.ReLU(), *res(), *res(), nn.Flatten(),
                                 nn.Linear(4096, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
        self.loss = nn.CrossEntropyLoss()

    def forward(self, batch):
        return self.seq(batch)

    def compute_loss(self, batch):
        return self.loss(self(batch['image']), batch['label'])


base_train = torchvision.datasets.CIFAR10('data', train=True, download=True)
base_test = torchvision.datasets.CIFAR10('data', train=False, download=True)
order = list(range(len(base_train)))
random.Random(0).shuffle(order)
train_set = CifarWrapper(base_train, augment=True, indices=order[5000:])
val_set = CifarWrapper(base_train, indices=order[:5000])
test_set = CifarWrapper(base_test)
train_loader = DataLoader(train_set, batch_size=64, shuffle=True)
val_loader, test_loader = (DataLoader(s, batch_size=64) for s in (val_set, test_set))

net = Net()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)


@torch.no_grad()
def acc(loader):
    net.eval()
    n = 0
    for batch in loader:
        n += (net(batch['image']).argmax(1) == batch['label']).sum().item()
    return n / len(loader.dataset)


for epoch in range(10):
    net.train()
    for batch in train_loader:
        opt.zero_grad()
        loss = net.compute_loss(batch)
        loss.backward()
        opt.step()
    print('epoch', epoch, 'val', acc(val_loader))
print('test accuracy', acc(test_loader))
