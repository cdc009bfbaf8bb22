# expect: wrong-attribute:conv2.weights@17
import torch
import torchvision
from torch import nn
from torch.nn.utils.parametrizations import weight_norm
from torchvision import transforms as T

to_tensor = T.Compose([T.ToTensor(), T.Normalize(mean=[.5, .5, .5], std=[.5, .5, .5])])
train_set = torchvision.datasets.CIFAR10(root='.', train=True, download=True, transform=to_tensor)
test_set = torchvision.datasets.CIFAR10(root='.', train=False, download=True, transform=to_tensor)
train_loader = torch.utils.data.DataLoader(train_set, batch_size=8, shuffle=True)
test_loader = torch.utils.data.DataLoader(test_set, batch_size=8)

net = nn.Sequential(
    nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2),
    # I read that this makes training more stable
    weight_norm(nn.Conv2d(6, 16, 5)), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(400, 120), nn.ReLU(),
    nn.Linear(120, 84), nn.ReLU(),
    nn.Linear(84, 10),
)
loss_fn = nn.CrossEntropyLoss()
sgd = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9)

for epoch in range(2):
    for xb, yb in train_loader:
        sgd.zero_grad()
        loss_fn(net(xb), yb).backward()
        sgd.step()

good, total = 0, 0
with torch.no_grad():
    for xb, yb in test_loader:
        good += (net(xb).argmax(-1) == yb).sum().item()
        total += yb.size(0)
print('accuracy', good / total)
