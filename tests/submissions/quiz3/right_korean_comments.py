# expect: full
# -*- coding: utf-8 -*-
# 퀴즈 3 - 잔차 블록(Residual Block)을 이용한 CIFAR-10 분류기
# 학번: 20231234  이름: 홍길동
import torch
import torch.nn as nn
import torch.optim as optim
import torchvision
import torchvision.transforms as transforms

# 하이퍼파라미터
배치크기 = 100
에폭수 = 10
학습률 = 0.001

device = torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')
print('사용 장치:', device)

# 1. 데이터 불러오기 및 정규화
transform = transforms.Compose([
    transforms.ToTensor(),
    transforms.Normalize(mean=(0.4914, 0.4822, 0.4465), std=(0.2470, 0.2435, 0.2616)),
])
train_set = torchvision.datasets.CIFAR10('./data', train=True, download=True, transform=transform)
test_set = torchvision.datasets.CIFAR10('./data', train=False, download=True, transform=transform)
train_loader = torch.utils.data.DataLoader(train_set, batch_size=배치크기, shuffle=True)
test_loader = torch.utils.data.DataLoader(test_set, batch_size=배치크기, shuffle=False)


# 2. 네트워크 정의
class 잔차블록(nn.Module):
    """입력 채널과 출력 채널이 같다. 은닉 채널은 256."""

    def __init__(self, 채널, 은닉=256):
        super(잔차블록, self).__init__()
        self.conv1 = nn.Conv2d(채널, 은닉, kernel_size=3, stride=1, padding=1)
        self.conv2 = nn.Conv2d(은닉, 채널, kernel_size=3, stride=1, padding=1)
        self.relu = nn.ReLU()

    def forward(self, x):
        지름길 = x
        x = self.relu(self.conv1(x))
        x = self.conv2(x)
        x += 지름길  # 더한 다음에 ReLU
        return self.relu(x)


class CNN(nn.Module):
    def __init__(self):
        super(CNN, self).__init__()
        self.특징 = nn.Sequential(
            nn.Conv2d(3, 64, kernel_size=3, stride=1, padding=1),
            nn.ReLU(),
            잔차블록(64),
            nn.MaxPool2d(2, stride=2),
            잔차블록(64),
            nn.MaxPool2d(2, stride=2),
        )
        self.분류 = nn.Sequential(
            nn.Linear(4096, 120),
            nn.ReLU(),
            nn.Linear(120, 84),
            nn.ReLU(),
            nn.Linear(84, 10),
        )

    def forward(self, x):
        x = self.특징(x)
        x = x.reshape(x.size(0), -1)  # 펼치기
        return self.분류(x)


model = CNN().to(device)
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(model.parameters(), lr=학습률)

# 3. 학습
for epoch in range(에폭수):
    누적손실 = 0.0
    for x, y in train_loader:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        예측 = model(x)
        손실 = criterion(예측, y)
        손실.backward()
        optimizer.step()
        누적손실 += 손실.item()
    print(f'에폭 {epoch + 1}/{에폭수}, 손실: {누적손실 / len(train_loader):.4f}')

# 4. 평가
맞춘수 = 0
전체 = 0
model.eval()
with torch.no_grad():
    for x, y in test_loader:
        예측 = model(x.to(device)).argmax(dim=1)
        맞춘수 += (예측 == y.to(device)).sum().item()
        전체 += y.size(0)
print(f'정확도: {100 * 맞춘수 / 전체:.2f}%')
