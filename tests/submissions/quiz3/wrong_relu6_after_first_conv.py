# expect: wrong-activation:relu1@35
import torch
import torch.nn as nn
import torchvision
from torchvision import transforms

BATCH = 32
EPOCHS = 3

tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((.5, .5, .5), (.5, .5, .5))])
train_set = torchvision.datasets.CIFAR10("./data", train=True, download=True, transform=tf)
test_set = torchvision.datasets.CIFAR10("./data", train=False, download=True, transform=tf)
train_loader = torch.utils.data.DataLoader(train_set, BATCH, shuffle=True)
test_loader = torch.utils.data.DataLoader(test_set, BATCH)


def conv3x3(n_in, n_out):
    return nn.Conv2d(n_in, n_out, kernel_size=3, padding=1)


class Res(nn.Module):
    def __init__(self, n, h):
        super(Res, self).__init__()
        self.body = nn.Sequential(conv3x3(n, h), nn.ReLU(), conv3x3(h, n))
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(self.body(x) + x)


class Model(nn.Module):
    def __init__(self):
        super(Model, self).__init__()
        self.features = nn.Sequential(
            conv3x3(3, 64), nn.ReLU6(),
            Res(64, 256), nn.MaxPool2d(2, 2),
            Res(64, 256), nn.MaxPool2d(2, 2))
        self.fc1 = nn.Linear(4096, 120)
        self.fc2 = nn.Linear(120, 84)
        self.out = nn.Linear(84, 10)

    def forward(self, x):
        x = self.features(x).flatten(1)
        x = self.fc1(x).relu()
        x = self.fc2(x).relu()
        return self.out(x)


model = Model()
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(params=model.parameters(), lr=0.001)

epoch = 0
step = 0
it = iter(train_loader)
while epoch < EPOCHS:
    try:
        images, labels = next(it)
    except StopIteration:
        epoch += 1
        print("finished epoch", epoch)
        it = iter(train_loader)
        continue
    optimizer.zero_grad()
    loss = loss_fn(model(images), labels)
    loss.backward()
    optimizer.step()
    step += 1
    if step % 250 == 0:
        print(f"step {step}: loss {loss.item():.4f}")

model.eval()
right = 0
it = iter(test_loader)
with torch.no_grad():
    while True:
        batch = next(it, None)
        if batch is None:
            break
        images, labels = batch
        right += (model(images).argmax(dim=1) == labels).sum().item()
print(f"accuracy {right / len(test_set):.4f}")
