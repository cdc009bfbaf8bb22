# expect: wrong-accuracy@68
import torch
import torchvision
from torch import nn
from torchvision import transforms

# no big class needed, everything is a Sequential; only "x + f(x)" needs its own module


class Residual(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.f = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.f(x)


model = nn.Sequential(
    nn.Conv2d(3, 64, 3, padding=1),
    nn.ReLU(),
    Residual(
        nn.Conv2d(64, 256, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(256, 64, 3, padding=1),
    ),
    nn.ReLU(),
    nn.MaxPool2d(2, 2),
    Residual(
        nn.Conv2d(64, 256, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(256, 64, 3, padding=1),
    ),
    nn.ReLU(),
    nn.MaxPool2d(2, 2),
    nn.Flatten(),
    nn.Linear(4096, 120),
    nn.ReLU(),
    nn.Linear(120, 84),
    nn.ReLU(),
    nn.Linear(84, 10),
)
print(model)
print(sum(p.numel() for p in model.parameters()), "parameters")

tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
train_data = torchvision.datasets.CIFAR10("data", True, tf, download=True)
test_data = torchvision.datasets.CIFAR10("data", False, tf, download=True)
train_loader = torch.utils.data.DataLoader(train_data, 32, True)
test_loader = torch.utils.data.DataLoader(test_data, 32)

loss_fn = nn.CrossEntropyLoss()
opt = torch.optim.Adam(model.parameters(), 1e-3)

for epoch in range(5):
    for step, (x, y) in enumerate(train_loader):
        loss = loss_fn(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        if step % 100 == 0:
            print(epoch, step, loss.item())

n_right = 0
with torch.no_grad():
    for x, y in test_loader:
        n_right += model(x).max(1)[1].eq(y).sum().item()
print("test accuracy:", n_right / len(train_data))
