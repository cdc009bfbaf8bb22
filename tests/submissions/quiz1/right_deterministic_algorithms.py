# expect: full
import torch, torchvision, random, numpy as np, os
import torch.nn as nn
from torchvision import transforms
from torch.utils.data import DataLoader, SubsetRandomSampler
from types import SimpleNamespace
from contextlib import nullcontext
from collections import defaultdict
from itertools import islice


def seed_everything(seed):
    random.seed(seed); np.random.seed(seed); torch.manual_seed(seed); torch.cuda.manual_seed_all(seed)
    os.environ['PYTHONHASHSEED'] = str(seed)
    torch.backends.cudnn.deterministic = True
    torch.use_deterministic_algorithms(True, warn_only=True)


seed_everything(1234)
cfg = SimpleNamespace(lr=1e-3, momentum=.9, bs=20, epochs=30, valid=0.2)
tf = transforms.Compose([transforms.ToTensor(), transforms.Lambda(lambda t: (t - 0.5) / 0.5)])
train_data = torchvision.datasets.CIFAR10('data', train=True, download=True, transform=tf)
test_data = torchvision.datasets.CIFAR10('data', train=False, download=True, transform=tf)
idx = list(range(len(train_data)))
np.random.shuffle(idx)
split = int(np.floor(cfg.valid * len(idx)))
loaders = {
    'train': DataLoader(train_data, batch_size=cfg.bs, sampler=SubsetRandomSampler(idx[split:])),
    'valid': DataLoader(train_data, batch_size=cfg.bs, sampler=SubsetRandomSampler(idx[:split])),
    'test': DataLoader(test_data, batch_size=cfg.bs)}


class ConvBlock(nn.Module):
    def __init__(self, *args, **kw):
        super().__init__()
        self.conv = nn.Conv2d(*args, **kw)

    def forward(self, x):
        return torch.nn.functional.max_pool2d_with_indices(self.conv(x).relu_(), 2)[0]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.c2 = ConvBlock(3, 6, 5), ConvBlock(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = self.c2(self.c1(x)).view(x.size(0), -1)
        return self.fc3(torch.where((h := self.fc2(torch.clamp_min(self.fc1(x), 0))) > 0, h, torch.zeros_like(h)))


model = Net()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=cfg.lr, momentum=cfg.momentum, foreach=True)
valid_loss_min = np.inf
hist = defaultdict(list)
for epoch in range(1, cfg.epochs + 1):
    for phase in ('train', 'valid'):
        model.train(phase == 'train')
        total = 0.0
        for data, target in loaders[phase]:
            with (nullcontext() if phase == 'train' else torch.no_grad()):
                output = model(data)
                loss = criterion(output, target)
            if phase == 'train':
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            total += loss.item() * data.size(0)
        hist[phase].append(total / len(loaders[phase].sampler))
    print(f'Epoch: {epoch} \tTraining Loss: {hist["train"][-1]:.6f} \tValidation Loss: {hist["valid"][-1]:.6f}')
    if hist['valid'][-1] <= valid_loss_min:
        torch.save(model.state_dict(), 'model_augmented.pt')
        valid_loss_min = hist['valid'][-1]

model.load_state_dict(torch.load('model_augmented.pt'))
class_correct = list(0. for i in range(10))
class_total = list(0. for i in range(10))
test_loss = 0.0
model.eval()
with torch.no_grad():
    for data, target in loaders['test']:
        output = model(data)
        test_loss += criterion(output, target).item() * data.size(0)
        _, pred = torch.max(output, 1)
        correct = np.squeeze(pred.eq(target.data.view_as(pred)).numpy())
        for i in range(len(target)):
            label = target.data[i]
            class_correct[label] += correct[i].item()
            class_total[label] += 1
print('Test Loss: {:.6f}\n'.format(test_loss / len(loaders['test'].dataset)))
for i in range(10):
    if class_total[i] > 0:
        print('Test Accuracy of %5s: %2d%% (%2d/%2d)' % (test_data.classes[i], 100 * class_correct[i] / class_total[i], np.sum(class_correct[i]), np.sum(class_total[i])))
print('\nTest Accuracy (Overall): %2d%% (%2d/%2d)' % (100. * np.sum(class_correct) / np.sum(class_total), np.sum(class_correct), np.sum(class_total)))
