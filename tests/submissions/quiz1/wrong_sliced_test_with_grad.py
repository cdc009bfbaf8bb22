# expect: test-with-grad
# quiz one, tensors only
import torch
import torch.nn as nn
import torch.nn.functional as F
from torchvision.datasets import CIFAR10

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

train = CIFAR10("./data", train=True, download=True)
test = CIFAR10("./data", train=False, download=True)


def to_device(ds):
    x = torch.tensor(ds.data, dtype=torch.float32, device=device).permute(0, 3, 1, 2) / 255
    x = (x - 0.5) / 0.5
    y = torch.tensor(ds.targets, device=device)
    return x, y


X_train, y_train = to_device(train)
X_test, y_test = to_device(test)
print(X_train.shape, X_test.shape)


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(3, 6, 5)
        self.c2 = nn.Conv2d(6, 16, 5)
        self.f1 = nn.Linear(16 * 25, 120)
        self.f2 = nn.Linear(120, 84)
        self.f3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.c1(x)), 2)
        x = F.max_pool2d(F.relu(self.c2(x)), 2)
        x = torch.flatten(x, 1)
        return self.f3(F.relu(self.f2(F.relu(self.f1(x)))))


model = LeNet().to(device)
opt = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)
bs = 4
for epoch in range(5):
    perm = torch.randperm(len(X_train), device=device)
    total = 0
    for i in range(0, len(X_train), bs):
        idx = perm[i:i + bs]
        out = model(X_train[idx])
        loss = F.cross_entropy(out, y_train[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    print(epoch, total / (len(X_train) / bs))

model.eval()
hits = 0
if True:
    for i in range(0, len(X_test), 100):
        pred = model(X_test[i:i + 100]).argmax(dim=1)
        hits += (pred == y_test[i:i + 100]).sum().item()
print("test accuracy: %.2f%%" % (100 * hits / len(X_test)))
