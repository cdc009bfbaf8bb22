# expect: full
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torchvision.datasets import CIFAR10

# no transforms: load the arrays, compute mean and std of the training set and normalise both with them
raw_train = CIFAR10(root="data", train=True, download=True)
raw_test = CIFAR10(root="data", train=False, download=True)

x_train = np.array(raw_train.data, dtype="float32") / 255.
y_train = np.array(raw_train.targets, dtype="int64")
x_test = np.array(raw_test.data, dtype="float32") / 255.
y_test = np.array(raw_test.targets, dtype="int64")

mean = x_train.mean(axis=(0, 1, 2), keepdims=True)
std = x_train.std(axis=(0, 1, 2), keepdims=True)
x_train = ((x_train - mean) / std).transpose(0, 3, 1, 2)
x_test = ((x_test - mean) / std).transpose(0, 3, 1, 2)

train_ds = torch.utils.data.TensorDataset(torch.from_numpy(x_train), torch.from_numpy(y_train))
test_ds = torch.utils.data.TensorDataset(torch.from_numpy(x_test), torch.from_numpy(y_test))
train_iter = torch.utils.data.DataLoader(train_ds, batch_size=64, shuffle=True)
test_iter = torch.utils.data.DataLoader(test_ds, batch_size=64)


class VGG11(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, padding=1)
        self.conv2 = nn.Conv2d(64, 128, 3, padding=1)
        self.conv3, self.conv4 = nn.Conv2d(128, 256, 3, padding=1), nn.Conv2d(256, 256, 3, padding=1)
        self.conv5, self.conv6 = nn.Conv2d(256, 512, 3, padding=1), nn.Conv2d(512, 512, 3, padding=1)
        self.conv7, self.conv8 = nn.Conv2d(512, 512, 3, padding=1), nn.Conv2d(512, 512, 3, padding=1)
        self.fc = nn.Linear(512, 10)

    def forward(self, X):
        X = F.max_pool2d(F.relu(self.conv1(X)), (2, 2))
        X = F.max_pool2d(F.relu(self.conv2(X)), (2, 2))
        X = F.relu(self.conv3(X))
        X = F.max_pool2d(F.relu(self.conv4(X)), (2, 2))
        X = F.relu(self.conv5(X))
        X = F.max_pool2d(F.relu(self.conv6(X)), (2, 2))
        X = F.relu(self.conv7(X))
        X = F.relu(self.conv8(X))
        X = X.view(X.shape[0], 512, 4).mean(-1)
        return self.fc(X)


model = VGG11()
trainer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
loss = nn.CrossEntropyLoss()
for epoch in range(10):
    L = []
    for X, y in train_iter:
        trainer.zero_grad()
        l = loss(model(X), y)
        l.backward()
        trainer.step()
        L.append(float(l))
    print(f"epoch {epoch + 1}, mean loss {np.mean(L):f}")

with torch.no_grad():
    acc = 0
    for X, y in test_iter:
        acc += np.sum(np.argmax(model(X).numpy(), axis=1) == y.numpy())
print("test accuracy:", acc / len(y_test))
