# expect: full
# -*- coding: utf-8 -*-
import pickle, glob
import numpy as np
import torch as th
import torch.nn as nn
import torch.nn.functional as F

def load(path):
    with open(path, 'rb') as f:
        d = pickle.load(f, encoding='latin1')
    X = d['data'].reshape(len(d['data']), 3, 32, 32).astype('float32') / 127.5 - 1
    return X, np.array(d['labels'])

files = sorted(glob.glob('../input/cifar-10-batches-py/data_batch_*'))
print(files)
parts = [load(f) for f in files]
Xtr = np.concatenate([p[0] for p in parts]); Ytr = np.concatenate([p[1] for p in parts])
Xte, Yte = load('../input/cifar-10-batches-py/test_batch')
print(Xtr.shape, Ytr.shape, Xte.shape, Yte.shape)

class CNN(nn.Module):
    def __init__(self):
        super(CNN, self).__init__()
        self.c1 = nn.Conv2d(3, 6, 5)
        self.c2 = nn.Conv2d(6, 16, 5)
        self.f1 = nn.Linear(400, 120)
        self.f2 = nn.Linear(120, 84)
        self.f3 = nn.Linear(84, 10)
    def forward(self, x):
        h = F.max_pool2d(F.relu(self.c1(x)), 2)
        h = F.max_pool2d(F.relu(self.c2(h)), 2)
        h = h.view(h.size(0), -1)
        h = F.relu(self.f1(h))
        h = F.relu(self.f2(h))
        return self.f3(h)

cnn = CNN()
crit = nn.CrossEntropyLoss()
sgd = th.optim.SGD(cnn.parameters(), lr=0.001, momentum=0.9)
B = 100
for ep in range(10):
    idx = np.random.permutation(len(Xtr))
    for b in range(len(Xtr) // B):
        sel = idx[b * B:(b + 1) * B]
        xb = th.from_numpy(Xtr[sel]); yb = th.from_numpy(Ytr[sel])
        loss = crit(cnn(xb), yb)
        sgd.zero_grad(); loss.backward(); sgd.step()
    cnn.eval()
    with th.no_grad():
        pred = cnn(th.from_numpy(Xte)).argmax(1).numpy()
    cnn.train()
    print('epoch %d loss %.4f test acc %.4f' % (ep, loss.item(), (pred == Yte).mean()))
