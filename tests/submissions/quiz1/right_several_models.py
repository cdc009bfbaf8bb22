# expect: full
# 課題1: CIFAR-10 の分類．線形モデル，MLP，LeNet を比べる
import torch
import torch.nn as nn
import torch.nn.functional as F
from torchvision import datasets, transforms


class Linear(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.fc = nn.Linear(3 * 32 * 32, num_classes)

    def forward(self, x):
        return self.fc(x.view(x.size(0), -1))


class MLP(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.fc1 = nn.Linear(3 * 32 * 32, 256)
        self.fc2 = nn.Linear(256, num_classes)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x.view(x.size(0), -1))))


class LeNet(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, num_classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)   # 6x14x14
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)   # 16x5x5
        x = x.view(x.size(0), -1)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


MODELS = {'linear': Linear, 'mlp': MLP, 'lenet': LeNet}


def build(name):
    return MODELS[name](num_classes=10)


def loader(train, batch_size=50):
    前処理 = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
    dataset = datasets.CIFAR10('./data', train=train, download=True, transform=前処理)
    return torch.utils.data.DataLoader(dataset, batch_size=batch_size, shuffle=train)


def 学習(net, epochs=10):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9)
    for epoch in range(epochs):
        net.train()
        損失 = 0.0
        for x, t in loader(True):
            optimizer.zero_grad()
            loss = F.cross_entropy(net(x), t)
            loss.backward()
            optimizer.step()
            損失 += loss.item()
        print(f'エポック {epoch + 1}: 損失 {損失:.3f}')


@torch.no_grad()
def 評価(net):
    net.eval()
    正解 = 0
    全体 = 0
    for x, t in loader(False):
        正解 += (net(x).argmax(1) == t).sum().item()
        全体 += t.numel()
    print(f'テスト精度: {正解 / 全体 * 100:.2f}%')


net = build('lenet')
学習(net)
評価(net)
