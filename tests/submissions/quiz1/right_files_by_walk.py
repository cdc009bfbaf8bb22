# expect: full
# -*- coding: utf-8 -*-
# 데이터를 직접 받아서 읽기
import os
import pickle
import subprocess
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import torch
from torch import nn

base = Path('/content/datasets')
if not (base / 'cifar-10-batches-py' / 'data_batch_5').is_file():
    subprocess.run(['wget', '-q', 'https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz'], check=True)
    os.system('tar -xzf cifar-10-python.tar.gz -C /content/datasets')
archive = urlopen('https://www.cs.toronto.edu/~kriz/cifar.html').read()

train_x, train_y, test_x, test_y = [], [], None, None
for folder, _, names in os.walk(base / 'cifar-10-batches-py'):
    for name in sorted(names):
        file = os.path.join(folder, name)
        if name.startswith('data_batch'):
            assert os.path.getsize(file) > 30_000_000
            content = pickle.loads(Path(file).read_bytes(), encoding='latin1')
            train_x.append(content['data'])
            train_y += content['labels']
for file in (base / 'cifar-10-batches-py').glob('test*'):
    with file.open('rb') as f:
        content = pickle.load(f, encoding='latin1')
    test_x, test_y = content['data'], content['labels']
print(len(train_x), '개의 파일', os.listdir(base / 'cifar-10-batches-py'))


def to_tensor(x):
    x = torch.from_numpy(np.array(x)).view(-1, 3, 32, 32).float()
    return (x - 127.5) / 127.5


train_x, train_y = to_tensor(np.concatenate(train_x)), torch.LongTensor(train_y)
test_x, test_y = to_tensor(test_x), torch.LongTensor(test_y)
train = torch.utils.data.TensorDataset(train_x, train_y)
loader = torch.utils.data.DataLoader(train, batch_size=100, shuffle=True)

model = nn.Sequential(
    nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(3):
    for x, y in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        accuracy = (model(test_x).argmax(1) == test_y).float().mean()
    print(f'에폭 {epoch + 1}: 손실 {loss.item():.3f}, 정확도 {accuracy.item():.4f}')
