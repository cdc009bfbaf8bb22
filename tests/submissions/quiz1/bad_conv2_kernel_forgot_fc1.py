# expect: status=forward-error @26 wrong-attribute:conv2.kernel_size@12
import torch, torchvision
import torch.nn as nn, torch.nn.functional as F
import torchvision.transforms as transforms


class Net(nn.Module):

    def __init__(self):
        super().__init__()
        self.layer1 = nn.Conv2d(3, 6, 5)
        self.layer2 = nn.Conv2d(6, 16, 3)
        self.pooling = nn.MaxPool2d(2, 2)
        self.dense1 = nn.Linear(16 * 5 * 5, 120)
        self.dense2 = nn.Linear(120, 84)
        self.dense3 = nn.Linear(84, 10)

    def forward(self, img):
        img = self.layer1(img)
        img = F.relu(img)
        img = self.pooling(img)
        img = self.layer2(img)
        img = F.relu(img)
        img = self.pooling(img)
        vec = torch.flatten(img, 1)
        vec = self.dense1(vec)
        vec = F.relu(vec)
        vec = self.dense2(vec)
        vec = F.relu(vec)
        vec = self.dense3(vec)
        return vec


tr = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train_ds = torchvision.datasets.CIFAR10('./data', train=True, download=True, transform=tr)
test_ds = torchvision.datasets.CIFAR10('./data', train=False, download=True, transform=tr)
train_dl = torch.utils.data.DataLoader(train_ds, 4, shuffle=True)
test_dl = torch.utils.data.DataLoader(test_ds, 4)
model = Net()
crit = nn.CrossEntropyLoss()
opt = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
for ep in range(3):
    for a, b in train_dl:
        opt.zero_grad()
        l = crit(model(a), b)
        l.backward()
        opt.step()
ok = 0
with torch.no_grad():
    for a, b in test_dl:
        ok += (model(a).argmax(1) == b).sum().item()
print('acc', ok / len(test_ds))
