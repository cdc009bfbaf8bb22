# expect: full
import torch
import torchvision
from torch import nn, optim

loader_args = dict(batch_size=16, num_workers=4, pin_memory=True)
tensors = torchvision.transforms.ToTensor()
train_ds = torchvision.datasets.CIFAR10('.', train=True, download=True, transform=tensors)
test_ds = torchvision.datasets.CIFAR10('.', train=False, download=True, transform=tensors)
# mean and std of all pixels, all colours together
MEAN = float((train_ds.data[:2000] / 255).mean())
STD = float((train_ds.data[:2000] / 255).std())
print('global mean', MEAN, 'std', STD)
train_it = torch.utils.data.DataLoader(train_ds, shuffle=True, drop_last=True, **loader_args)
test_it = torch.utils.data.DataLoader(test_ds, **loader_args)

net = nn.Sequential()
net.add_module('c1', nn.Conv2d(3, 6, 5))
net.add_module('r1', nn.ReLU())
net.add_module('p1', nn.MaxPool2d(2))
net.add_module('c2', nn.Conv2d(6, 16, 5))
net.add_module('r2', nn.ReLU())
net.add_module('p2', nn.MaxPool2d(2))
net.add_module('flat', nn.Flatten())
net.add_module('f1', nn.Linear(400, 120))
net.add_module('r3', nn.ReLU())
net.add_module('f2', nn.Linear(120, 84))
net.add_module('r4', nn.ReLU())
net.add_module('f3', nn.Linear(84, 10))

def prepare(x):
    return x.sub(MEAN).div(STD)

lossf = nn.CrossEntropyLoss()
sgd = optim.SGD(net.parameters(), lr=.001, momentum=.9)
for e in range(10):
    for data, target in train_it:
        data = prepare(data)
        sgd.zero_grad()
        lossf(net(data), target).backward()
        sgd.step()
net.eval()
with torch.no_grad():
    preds = torch.cat([net(prepare(data)).argmax(1) for data, _ in test_it])
truth = torch.tensor(test_ds.targets)
print('Accuracy:', (preds == truth).float().mean().item())
