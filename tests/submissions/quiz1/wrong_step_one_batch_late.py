# expect: step-before-backward@34 program-error@36
# Quiz 1 - the shortest version I could get to work
import torch
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision.datasets import CIFAR10
from torchvision.transforms import Compose, Normalize, ToTensor

tf = Compose([ToTensor(), Normalize([0.5] * 3, [0.5] * 3)])
train_dl = DataLoader(CIFAR10('data', True, download=True, transform=tf), 16, True)
test_dl = DataLoader(CIFAR10('data', False, download=True, transform=tf), 64)

model = nn.Sequential(
    nn.Conv2d(3, 6, 5),
    nn.ReLU(),
    nn.MaxPool2d(2, 2),
    nn.Conv2d(6, 16, 5),
    nn.ReLU(),
    nn.MaxPool2d(2, 2),
    nn.Flatten(),
    nn.Linear(400, 120),
    nn.ReLU(),
    nn.Linear(120, 84),
    nn.ReLU(),
    nn.Linear(84, 10),
)

loss_fn = nn.CrossEntropyLoss()
opt = optim.SGD(model.parameters(), lr=0.001, momentum=0.9)

for epoch in range(5):
    for x, y in train_dl:
        loss = loss_fn(model(x), y)
        opt.step()
        opt.zero_grad()
        loss.backward()
    print('epoch', epoch, 'loss', loss.item())

n_right = 0
with torch.no_grad():
    for x, y in test_dl:
        n_right += (model(x).argmax(1) == y).sum().item()
print('test accuracy:', n_right / len(test_dl.dataset))
