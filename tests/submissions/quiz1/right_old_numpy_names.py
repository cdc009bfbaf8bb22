# expect: full
import numpy as np
import torch
from torch import nn, optim
from torch.autograd import Variable
from torchvision import datasets, transforms

BS = 20
ALL_CLASSES = np.array(['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'], dtype=np.str)

norm = transforms.Compose([transforms.ToTensor(),
                           transforms.Normalize(mean=[0.4914, 0.4822, 0.4465], std=[0.2470, 0.2435, 0.2616])])
train = datasets.CIFAR10('data', True, norm, download=True)
test = datasets.CIFAR10('data', False, norm, download=True)
order = np.random.permutation(len(train)).astype(np.int)
train_dl = torch.utils.data.DataLoader(train, BS, sampler=torch.utils.data.sampler.SubsetRandomSampler(order))
test_dl = torch.utils.data.DataLoader(test, BS)


class Model(nn.Module):
    def __init__(self):
        nn.Module.__init__(self)
        self.convolution = nn.Sequential(
            nn.Conv2d(3, 6, (5, 5)), nn.ReLU(), nn.MaxPool2d((2, 2)),
            nn.Conv2d(6, 16, (5, 5)), nn.ReLU(), nn.MaxPool2d((2, 2)))
        self.dense = nn.Sequential(nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))

    def forward(self, images):
        maps = self.convolution(images)
        return self.dense(maps.view(maps.size()[0], -1))


model = Model()
opt = optim.SGD(model.parameters(), 1e-3, 0.9)
criterion = nn.CrossEntropyLoss(size_average=True)

losses = np.zeros(0, dtype=np.float)
for epoch in range(3):
    for images, targets in train_dl:
        images, targets = Variable(images), Variable(targets)
        loss = criterion(model(images), targets)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses = np.append(losses, loss.data[0])
    print('epoch', epoch, 'mean loss', losses[-100:].mean())

hits = np.zeros(10, dtype=np.float)
counts = np.zeros(10, dtype=np.float)
with torch.no_grad():
    for images, targets in test_dl:
        _, best = torch.max(model(images), 1)
        same = (best == targets).numpy().astype(np.int)
        for klass, ok in zip(targets.numpy(), same):
            counts[klass] += 1
            hits[klass] += ok
for name, h, c in zip(ALL_CLASSES, hits, counts):
    print(name, h / c if c else np.NaN)
print('Accuracy on the test set: {:.2%}'.format(hits.sum() / counts.sum()))
