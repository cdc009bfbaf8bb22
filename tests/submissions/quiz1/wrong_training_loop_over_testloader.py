# expect: trained-on-test
# -*- coding: utf-8 -*-
# 퀴즈 1: CIFAR-10 데이터셋으로 CNN 분류기 학습하기
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
import torchvision
import torchvision.transforms as transforms

# 1. 데이터를 불러오고 정규화합니다
transform = transforms.Compose([
    transforms.ToTensor(),
    transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))   # [-1, 1] 범위로
])

학습_데이터 = torchvision.datasets.CIFAR10(root='./data', train=True, download=True, transform=transform)
trainloader = torch.utils.data.DataLoader(학습_데이터, batch_size=4, shuffle=True)
시험_데이터 = torchvision.datasets.CIFAR10(root='./data', train=False, download=True, transform=transform)
testloader = torch.utils.data.DataLoader(시험_데이터, batch_size=4, shuffle=False)


# 2. 합성곱 신경망을 정의합니다
class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)        # 입력 채널 3, 출력 채널 6
        self.pool1 = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.pool2 = nn.MaxPool2d(2, 2)
        self.fc1 = nn.Linear(400, 120)         # 완전 연결 층
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = self.pool1(x)
        x = F.relu(self.conv2(x))
        x = self.pool2(x)
        x = x.view(-1, 400)                    # 펼치기
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        x = self.fc3(x)
        return x


net = Net()

# 3. 손실 함수와 최적화 방법
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(net.parameters(), lr=0.001, momentum=0.9)

# 4. 학습
for epoch in range(2):
    running_loss = 0.0
    for i, (inputs, labels) in enumerate(testloader):
        optimizer.zero_grad()                  # 기울기 초기화
        outputs = net(inputs)
        loss = criterion(outputs, labels)
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
        if i % 2000 == 1999:
            print(f'[{epoch + 1}, {i + 1}] 손실: {running_loss / 2000:.3f}')
            running_loss = 0.0
print('학습 완료')

# 5. 시험
correct = 0
total = 0
with torch.no_grad():
    for images, labels in testloader:
        outputs = net(images)
        _, predicted = torch.max(outputs, 1)
        total += labels.size(0)
        correct += (predicted == labels).sum().item()
print('정확도: %.2f %%' % (100 * correct / total))
