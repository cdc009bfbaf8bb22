# expect: status=import-error @14
import torch
from torch import nn
from torch.utils.data import DataLoader
import torchvision

# 准备数据集
tf = torchvision.transforms.Compose([torchvision.transforms.ToTensor(), torchvision.transforms.Normalize((0.5,), (0.5,))])
train_data = torchvision.datasets.CIFAR10("../data", train=True, transform=tf, download=True)
train_loader = DataLoader(train_data, batch_size=64)
print("训练数据集的长度为：{}".format(len(train_data)))


class MyNet(nn.Moudle):
    def __init__(self):
        super(MyNet, self).__init__()
        self.model = nn.Sequential(
            nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))

    def forward(self, x):
        return self.model(x)


net = MyNet()
optimizer = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9)
for imgs, targets in train_loader:
    optimizer.zero_grad()
    nn.functional.cross_entropy(net(imgs), targets).backward()
    optimizer.step()
