# expect: full
# 나만의 데이터셋 클래스
import torch
from torch import nn, optim
from torch.utils.data import Dataset, DataLoader
import torchvision
import numpy as np


class 시파(Dataset):
    평균 = np.array([0.4914, 0.4822, 0.4465], dtype=np.float32)
    편차 = np.array([0.2470, 0.2435, 0.2616], dtype=np.float32)

    def __init__(self, 학습=True):
        원본 = torchvision.datasets.CIFAR10('./data', train=학습, download=True)
        그림 = 원본.data.astype(np.float32) / 255.0
        그림 = (그림 - self.평균) / self.편차
        self.그림 = torch.from_numpy(그림).permute(0, 3, 1, 2).contiguous()
        self.라벨 = torch.tensor(원본.targets, dtype=torch.long)

    def __len__(self):
        return len(self.라벨)

    def __getitem__(self, i):
        return self.그림[i], self.라벨[i]


class 신경망(nn.Module):
    def __init__(self):
        super().__init__()
        self.합성1 = nn.Conv2d(3, 6, 5)
        self.합성2 = nn.Conv2d(6, 16, 5)
        self.풀 = nn.MaxPool2d(2, 2)
        self.완전1 = nn.Linear(400, 120)
        self.완전2 = nn.Linear(120, 84)
        self.완전3 = nn.Linear(84, 10)

    def forward(self, x):
        x = self.풀(torch.relu(self.합성1(x)))
        x = self.풀(torch.relu(self.합성2(x)))
        x = x.view(-1, 16 * 5 * 5)
        x = torch.relu(self.완전1(x))
        x = torch.relu(self.완전2(x))
        return self.완전3(x)


학습로더 = DataLoader(시파(True), batch_size=4, shuffle=True)
시험로더 = DataLoader(시파(False), batch_size=4)
망 = 신경망()
손실함수 = nn.CrossEntropyLoss()
최적화 = optim.SGD(망.parameters(), lr=0.001, momentum=0.9)

for 에폭 in range(2):
    합계 = 0.0
    for 번호, (입력, 정답) in enumerate(학습로더):
        최적화.zero_grad()
        예측 = 망(입력)
        손실 = 손실함수(예측, 정답)
        손실.backward()
        최적화.step()
        합계 += 손실.item()
        if 번호 % 1000 == 999:
            print(f'{에폭 + 1} {번호 + 1} 손실 {합계 / 1000:.3f}')
            합계 = 0.0

망.eval()
맞음 = 전체 = 0
with torch.no_grad():
    for 입력, 정답 in 시험로더:
        예측 = 망(입력).argmax(1)
        맞음 += (예측 == 정답).sum().item()
        전체 += 정답.size(0)
print(f'정확도: {100 * 맞음 / 전체:.2f}%')
