# expect: full
# 20230417 박서연  Quiz 2
# epoch 대신 iteration 기준으로 학습 (논문들처럼)
import itertools
import torch
import torch.nn as nn
import torchvision
from torchvision.transforms import v2 as T


def endless(loader):
    while True:
        yield from loader


def cbr(n_in, n_out):
    """conv + relu 두 개를 돌려준다"""
    yield nn.Conv2d(n_in, n_out, kernel_size=3, padding='same')
    yield nn.ReLU(inplace=True)


def vgg11():
    plan = '64 P 128 P 256 256 P 512 512 P 512 512 P'
    c = 3
    for token in plan.split():
        if token == 'P':
            yield nn.MaxPool2d(kernel_size=2, stride=2)
        else:
            yield from cbr(c, int(token))
            c = int(token)
    yield nn.Flatten()
    yield nn.Linear(c, 10)


정규화 = T.Compose([T.ToImage(), T.ToDtype(torch.float32, scale=True),
                 T.Normalize(mean=[0.4914, 0.4822, 0.4465], std=[0.2470, 0.2435, 0.2616])])
증강 = T.Compose([T.RandomCrop(32, padding=4), T.RandomHorizontalFlip(p=0.5), 정규화])

훈련 = torchvision.datasets.CIFAR10('./data', train=True, download=True, transform=증강)
시험 = torchvision.datasets.CIFAR10('./data', train=False, download=True, transform=정규화)
훈련로더 = torch.utils.data.DataLoader(훈련, batch_size=128, shuffle=True, num_workers=2, drop_last=True)
시험로더 = torch.utils.data.DataLoader(시험, batch_size=128, shuffle=False, num_workers=2)

model = nn.Sequential(*vgg11())
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

MAX_ITER = 20000
model.train()
for step, (x, y) in enumerate(itertools.islice(endless(훈련로더), MAX_ITER), start=1):
    out = model(x)
    loss = criterion(out, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 500 == 0:
        print(f'{step:6d}/{MAX_ITER}  손실 {loss.item():.4f}')

model.eval()
맞은개수 = 0
전체개수 = 0
with torch.no_grad():
    for x, y in 시험로더:
        맞은개수 += (model(x).max(dim=1).indices == y).sum().item()
        전체개수 += y.shape[0]
print('테스트 정확도: {:.2f}%'.format(맞은개수 / 전체개수 * 100))
