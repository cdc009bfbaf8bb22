# expect: full
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision as vision
from torch.autograd import Variable
from torchvision import transforms


class Flatten(nn.Module):
    def forward(self, input):
        return input.view(input.size(0), -1)


class VGG_11(nn.Module):

    def __init__(self, n_classes):
        super(VGG_11, self).__init__()
        self.n_classes = n_classes
        self.net = nn.Sequential()
        self._conv(3, 64, '1'); self._pool('1')
        self._conv(64, 128, '2'); self._pool('2')
        self._conv(128, 256, '3'); self._conv(256, 256, '3b'); self._pool('3')
        self._conv(256, 512, '4'); self._conv(512, 512, '4b'); self._pool('4')
        self._conv(512, 512, '5'); self._conv(512, 512, '5b'); self._pool('5')
        self.net.add_module('flatten', Flatten())
        self.net.add_module('fc', nn.Linear(512, n_classes))

    def _conv(self, i, o, name):
        self.net.add_module('conv' + name, nn.Conv2d(i, o, (3, 3), (1, 1), (1, 1)))
        self.net.add_module('relu' + name, nn.ReLU(inplace=True))

    def _pool(self, name):
        self.net.add_module('pool' + name, nn.MaxPool2d((2, 2), (2, 2)))

    def forward(self, x):
        return self.net(x)

    def predict_proba(self, x):
        return F.softmax(self.forward(x))          # for printing only, the loss has its own


normalize = transforms.Normalize(mean=[x / 255.0 for x in [125.3, 123.0, 113.9]],
                                 std=[x / 255.0 for x in [63.0, 62.1, 66.7]])
tf = transforms.Compose([transforms.ToTensor(), normalize])
loader = {}
for split, flag in [('train', True), ('test', False)]:
    dataset = vision.datasets.CIFAR10('./data', train=flag, download=True, transform=tf)
    loader[split] = torch.utils.data.DataLoader(dataset, batch_size=64, shuffle=flag)

model = VGG_11(10)
loss_fn = nn.CrossEntropyLoss()
opt = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

for epoch in range(5):
    for i, (x, y) in enumerate(loader['train']):
        x, y = Variable(x), Variable(y)
        scores = model(x)
        loss = loss_fn(scores, y)
        model.zero_grad()
        loss.backward()
        opt.step()
        if i % 100 == 0:
            p = F.softmax(scores)
            top, who = p.data.max(1)
            print('epoch', epoch, 'loss', loss.item(), 'first picture: class', who[0].item(), 'with p =', top[0].item())

model.eval()
correct = torch.zeros(10)
seen = torch.zeros(10)
with torch.no_grad():
    for x, y in loader['test']:
        guess = model.predict_proba(x).argmax(dim=1)
        for c in range(10):
            seen[c] += (y == c).sum()
            correct[c] += ((y == c) & (guess == c)).sum()
for c in range(10):
    print('class %d: %.1f %%' % (c, 100 * correct[c] / seen[c]))
print('all: %.2f %%' % (100 * correct.sum() / seen.sum()))
