# expect: full
# 잔차 연결을 여러 방법으로 (sum, torch.stack)  - 결과는 같음을 확인했음
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
import torchvision.transforms as T

활성값 = {}


def 저장(이름):
    def 훅(모듈, 입력, 출력):
        활성값[이름] = 출력.detach()
    return 훅


class Block(nn.Module):
    def __init__(self, c, h, how):
        super().__init__()
        self.a = nn.Conv2d(c, h, (3, 3), padding=(1, 1))
        self.b = nn.Conv2d(h, c, (3, 3), padding=(1, 1))
        self.how = how

    def forward(self, x):
        y = self.b(F.relu(self.a(x)))
        if self.how == 'sum':
            y = sum([y, x])
        else:
            y = torch.stack((x, y), dim=0).sum(dim=0)
        return y.relu()


class 망(nn.Module):
    def __init__(self):
        super().__init__()
        self.첫층 = nn.Conv2d(3, 64, 3, 1, 1)
        self.블록1 = Block(64, 256, 'sum')
        self.블록2 = Block(64, 256, 'stack')
        self.완전연결 = nn.ModuleDict({'하나': nn.Linear(4096, 120), '둘': nn.Linear(120, 84), '셋': nn.Linear(84, 10)})

    def forward(self, x):
        x = self.첫층(x).relu()
        x = F.max_pool2d(self.블록1(x), 2, 2)
        x = F.max_pool2d(self.블록2(x), 2, 2)
        x = x.reshape(x.size(0), -1)
        x = self.완전연결['하나'](x).relu()
        x = self.완전연결['둘'](x).relu()
        return self.완전연결['셋'](x)


tf = T.Compose([T.ToTensor(), T.Normalize((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))])
train = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', train=True, transform=tf, download=True), 64, shuffle=True)
test = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', train=False, transform=tf, download=True), 64)

net = 망()
net.블록1.register_forward_hook(저장('블록1'))
net.블록2.register_forward_hook(저장('블록2'))
opt = torch.optim.Adam(net.parameters(), lr=0.001)
기준 = nn.CrossEntropyLoss()

for 에폭 in range(5):
    for 번호, (그림, 답) in enumerate(train):
        opt.zero_grad()
        손실 = 기준(net(그림), 답)
        손실.backward()
        opt.step()
        if 번호 % 100 == 0:
            죽은비율 = (활성값['블록2'] == 0).float().mean()
            print(f'{에폭} {번호} 손실 {손실:.3f} 죽은 뉴런 {죽은비율:.1%}')

with torch.no_grad():
    맞음 = sum((net(x).argmax(1) == y).sum().item() for x, y in test)
print('정확도', 맞음 / len(test.dataset))
