# expect: wrong-momentum
# 학습 함수 안에서 optimizer 를 만들었더니 배치마다 새로 만들어짐 (momentum 이 사라짐)
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
from torchvision import transforms


class VGG11(nn.Module):
    def __init__(self):
        super().__init__()
        self.특징 = nn.ModuleList([nn.Conv2d(i, o, 3, padding=1) for i, o in (
            (3, 64), (64, 128), (128, 256), (256, 256), (256, 512), (512, 512), (512, 512), (512, 512))])
        self.분류 = nn.Linear(512, 10)

    def forward(self, x):
        for i, conv in enumerate(self.특징):
            x = F.relu(conv(x))
            if i in (0, 1, 3, 5, 7):
                x = F.max_pool2d(x, 2)
        return self.분류(x.flatten(1))


def 학습(model, x, y, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


변환 = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))])
훈련 = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', True, 변환, download=True), 64, shuffle=True)
시험 = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', False, 변환, download=True), 64)
model = VGG11()
for epoch in range(10):
    손실 = [학습(model, x, y) for x, y in 훈련]
    print(epoch, sum(손실) / len(손실))
with torch.no_grad():
    맞음 = sum((model(x).argmax(1) == y).sum().item() for x, y in 시험)
print('정확도', 맞음 / len(시험.dataset))
