# expect: full
# 第三次作业：残差网络
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.utils.data import DataLoader
from torchvision import datasets, transforms
from torchvision.transforms import ToTensor
from matplotlib import pyplot as plt

plt.rcParams['font.sans-serif'] = ['SimHei']  # 显示中文
BATCH_SIZE = 128  # 批次大小
EPOCHS = 20  # 训练轮数
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")  # 让torch判断是否使用GPU

# 数据标准化
pipeline = transforms.Compose([
    transforms.ToTensor(),
    transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)),
])
train_loader = DataLoader(datasets.CIFAR10("data", train=True, download=True, transform=pipeline), batch_size=BATCH_SIZE, shuffle=True)
test_loader = DataLoader(datasets.CIFAR10("data", train=False, transform=pipeline), batch_size=BATCH_SIZE, shuffle=True)


class 残差块(nn.Module):
    def __init__(self, 通道, 隐藏):
        super().__init__()
        self.左边 = nn.Sequential(
            nn.Conv2d(通道, 隐藏, 3, 1, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(隐藏, 通道, 3, 1, 1)
        )
        self.捷径 = nn.Sequential()  # 通道数相同，什么也不做

    def forward(self, x):
        out = self.左边(x)
        out = out + self.捷径(x)
        return F.relu(out)


class 网络(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, 1, 1)
        self.block1 = 残差块(64, 256)
        self.block2 = 残差块(64, 256)
        self.fc1 = nn.Linear(64 * 8 * 8, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        input_size = x.size(0)  # batch_size
        x = F.relu(self.conv1(x))  # 输入：b*3*32*32  输出：b*64*32*32
        x = self.block1(x)
        x = F.max_pool2d(x, 2, 2)  # 输出：b*64*16*16
        x = self.block2(x)
        x = F.max_pool2d(x, 2, 2)  # 输出：b*64*8*8
        x = x.view(input_size, -1)  # 拉平，-1自动计算维度
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


model = 网络().to(DEVICE)
optimizer = optim.Adam(model.parameters(), lr=0.001)


def train_model(model, device, train_loader, optimizer, epoch):
    model.train()
    for batch_index, (data, target) in enumerate(train_loader):
        data, target = data.to(device), target.to(device)
        optimizer.zero_grad()
        output = model(data)
        loss = F.cross_entropy(output, target)
        loss.backward()
        optimizer.step()
        if batch_index % 100 == 0:
            print("训练轮数 : {} \t 损失 : {:.6f}".format(epoch, loss.item()))


def test_model(model, device, test_loader):
    model.eval()
    correct = 0.0
    test_loss = 0.0
    with torch.no_grad():  # 不会计算梯度，也不会进行反向传播
        for data, target in test_loader:
            data, target = data.to(device), target.to(device)
            output = model(data)
            test_loss += F.cross_entropy(output, target, reduction='sum').item()
            pred = output.max(1, keepdim=True)[1]  # 值，索引
            correct += pred.eq(target.view_as(pred)).sum().item()
        test_loss /= len(test_loader.dataset)
        print("测试集 — 平均损失 : {:.4f}, 准确率 : {:.3f}%\n".format(test_loss, 100.0 * correct / len(test_loader.dataset)))


for epoch in range(1, EPOCHS + 1):
    train_model(model, DEVICE, train_loader, optimizer, epoch)
    test_model(model, DEVICE, test_loader)
