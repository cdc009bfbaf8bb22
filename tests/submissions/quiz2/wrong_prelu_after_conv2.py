# expect: wrong-activation:relu2@20
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as transforms
from torch.utils.data import DataLoader
from tqdm import tqdm

EPOCHS = 20
LR = 0.01
dev = torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')
t = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))])
train_dl = DataLoader(torchvision.datasets.CIFAR10('data', True, t, download=True), 128, True)
test_dl = DataLoader(torchvision.datasets.CIFAR10('data', False, t, download=True), 128)


def block(cin, cout, n, act=nn.ReLU):
    layers = []
    for i in range(n):
        layers += [nn.Conv2d(cin if i == 0 else cout, cout, 3, padding=1), act()]
    return layers + [nn.MaxPool2d(2)]


model = nn.Sequential(
    *block(3, 64, 1),
    *block(64, 128, 1, act=nn.PReLU),
    *block(128, 256, 2),
    *block(256, 512, 2),
    *block(512, 512, 2),
    nn.Flatten(),
    nn.Linear(512, 10),
).to(dev)
ce = nn.CrossEntropyLoss()
opt = torch.optim.SGD(model.parameters(), lr=LR, momentum=0.9)

for ep in range(EPOCHS):
    model.train()
    for x, y in tqdm(train_dl):
        x, y = x.to(dev), y.to(dev)
        opt.zero_grad()
        ce(model(x), y).backward()
        opt.step()
    model.eval()
    good = 0
    with torch.no_grad():
        for x, y in test_dl:
            good += (model(x.to(dev)).argmax(1) == y.to(dev)).sum().item()
    print(f'epoch {ep}: accuracy {good / len(test_dl.dataset):.4f}')
