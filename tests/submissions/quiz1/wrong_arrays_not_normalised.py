# expect: not-normalised no-zero-grad@51
# no DataLoader: I take the arrays out of the data sets and cut the batches myself
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision

torch.manual_seed(3)
np.random.seed(3)

train = torchvision.datasets.CIFAR10("./data", train=True, download=True)
test = torchvision.datasets.CIFAR10("./data", train=False, download=True)

X_train = torch.tensor(train.data).permute(0, 3, 1, 2).float() / 255
y_train = torch.tensor(train.targets)
X_test = torch.tensor(test.data).permute(0, 3, 1, 2).float() / 255
y_test = torch.tensor(test.targets)

mean = X_train.mean(dim=(0, 2, 3), keepdim=True)
std = X_train.std(dim=(0, 2, 3), keepdim=True)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = torch.flatten(x, 1)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9)
batch = 50
for epoch in range(5):
    order = np.random.permutation(len(X_train))
    losses = []
    for start in range(0, len(X_train), batch):
        pick = order[start:start + batch]
        loss = F.cross_entropy(net(X_train[pick]), y_train[pick])
        loss.backward()
        opt.step()
        losses.append(loss.item())
    print(epoch, np.mean(losses))

net.eval()
good = 0
with torch.no_grad():
    for start in range(0, len(X_test), batch):
        out = net(X_test[start:start + batch])
        good += (out.argmax(1) == y_test[start:start + batch]).sum().item()
print("accuracy on test data:", good / len(X_test))
