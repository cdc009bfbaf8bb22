# expect: wrong-accuracy@65
import numpy as np
import torch
import torchvision
from torch.autograd import Variable


def batches(images, labels, size, shuffle):
    index = np.arange(len(images))
    if shuffle:
        np.random.shuffle(index)
    for k in range(0, len(index), size):
        part = index[k:k + size]
        x = images[part].astype(np.float32).transpose(0, 3, 1, 2)
        yield Variable(torch.from_numpy((x - mean) / std)), Variable(torch.from_numpy(labels[part]))


tr = torchvision.datasets.CIFAR10(root="cifar", train=True, download=True)
te = torchvision.datasets.CIFAR10(root="cifar", train=False, download=True)
tr_x, tr_y = tr.data, np.array(tr.targets)
te_x, te_y = te.data, np.array(te.targets)
# statistics of the training pictures, one number per colour
mean = tr_x.mean(axis=(0, 1, 2)).reshape(1, 3, 1, 1).astype(np.float32)
std = tr_x.std(axis=(0, 1, 2)).reshape(1, 3, 1, 1).astype(np.float32)


class Lenet(torch.nn.Module):
    def __init__(self):
        super(Lenet, self).__init__()
        self.layer1 = torch.nn.Conv2d(3, 6, kernel_size=5)
        self.layer2 = torch.nn.Conv2d(6, 16, kernel_size=5)
        self.layer3 = torch.nn.Linear(400, 120)
        self.layer4 = torch.nn.Linear(120, 84)
        self.layer5 = torch.nn.Linear(84, 10)
        self.pool = torch.nn.MaxPool2d(kernel_size=2)

    def forward(self, x):
        x = self.pool(self.layer1(x).relu())
        x = self.pool(self.layer2(x).relu())
        x = x.reshape(x.shape[0], -1)
        x = self.layer3(x).relu()
        x = self.layer4(x).relu()
        return self.layer5(x)


net = Lenet()
criterion = torch.nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9)

n_epochs = 2
for epoch in range(n_epochs):
    net.train()
    running = []
    for x, y in batches(tr_x, tr_y, 4, True):
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
        running.append(loss.item())
    # how good is it on both sets?
    net.eval()
    with torch.no_grad():
        answers = [(net(x).argmax(1).numpy(), y.numpy()) for x, y in batches(te_x, te_y, 16, False)]
    accuracy = sum((a == b).sum() for a, b in answers) / len(answers)
    print("epoch %d  loss %.3f  test accuracy %.4f" % (epoch + 1, np.mean(running), accuracy))
