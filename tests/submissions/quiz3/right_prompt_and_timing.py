# expect: full
from __future__ import print_function
import time, datetime, platform, socket
import torch, torchvision
from torch.autograd import Variable
import torch.nn as nn, torch.nn.functional as F, torch.optim as optim
import torchvision.transforms as transforms
import matplotlib.pyplot as plt
import pandas as pd

print(platform.platform(), socket.gethostname(), datetime.date.today())
mode = input("train (t) or load (l)? ").lower() or 't'
EPOCH = 6

t1 = time.time()
data_tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))])
tr = torchvision.datasets.CIFAR10('./data', train=True, download=True, transform=data_tf)
te = torchvision.datasets.CIFAR10('./data', train=False, download=True, transform=data_tf)
trl = torch.utils.data.DataLoader(tr, batch_size=64, shuffle=True, num_workers=4)
tel = torch.utils.data.DataLoader(te, batch_size=64, shuffle=False, num_workers=4)
print('data: %.1f s' % (time.time() - t1))


class Block(nn.Module):
    def __init__(self, ch_in, ch_mid):
        super(Block, self).__init__()
        self.conv1 = nn.Conv2d(ch_in, ch_mid, 3, 1, 1)
        self.conv2 = nn.Conv2d(ch_mid, ch_in, 3, 1, 1)

    def forward(self, x):
        h = F.relu(self.conv1(x))
        h = self.conv2(h)
        return F.relu(h.__add__(x))


class CNN(nn.Module):
    def __init__(self):
        super(CNN, self).__init__()
        self.conv = nn.Conv2d(3, 64, 3, 1, 1)
        self.blocks = nn.Sequential(Block(64, 256), nn.MaxPool2d(2), Block(64, 256), nn.MaxPool2d(2))
        self.fc1 = nn.Linear(64 * 8 * 8, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = self.blocks(F.relu(self.conv(x)))
        x = x.view(-1, 4096)
        x = F.relu(self.fc1(x)); x = F.relu(self.fc2(x))
        return self.fc3(x)


net = CNN()
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(net.parameters(), lr=0.001)
log = []
try:
    if mode == 'l':
        net.load_state_dict(torch.load('cnn.pt'))
        EPOCH = 0
    for epoch in range(EPOCH):
        tick = time.time()
        for step, (x, y) in enumerate(trl):
            bx, by = Variable(x), Variable(y)
            out = net(bx)
            loss = criterion(out, by)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if step % 2 == 0:
                prob = F.softmax(out)
                acc = (prob.data.max(1)[1] == y).float().mean()
                print('epoch %d step %4d loss %.4f batch acc %.2f eta %.0f s' % (
                    epoch, step, loss.data.item(), acc, (len(trl) - step) * (time.time() - tick) / (step + 1)))
        log.append({'epoch': epoch, 'loss': loss.item(), 'seconds': time.time() - tick})
except KeyboardInterrupt:
    print('stopped by hand')
finally:
    torch.save(net.state_dict(), 'cnn.pt')
pd.DataFrame(log).to_csv('log.csv')
plt.plot([row['loss'] for row in log]); plt.show()

net.eval()
hits, total = 0, 0
with torch.no_grad():
    for x, y in tel:
        hits += (net(x).argmax(1) == y).sum().item()
        total += y.size(0)
print('Accuracy: {} / {} = {:.2%}'.format(hits, total, hits / total))
time.sleep(3)
input('bye')
