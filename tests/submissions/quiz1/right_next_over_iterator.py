# expect: full
# train by number of steps
import itertools
import torch, torchvision
from torch import nn
from torch.nn import functional as F
from torchvision import transforms as tt

norm = tt.Compose([tt.ToTensor(), tt.Normalize((.5,)*3, (.5,)*3)])
train_set = torchvision.datasets.CIFAR10('d', train=True, transform=norm, download=True)
test_set = torchvision.datasets.CIFAR10('d', train=False, transform=norm, download=True)
train_loader = torch.utils.data.DataLoader(train_set, batch_size=4, shuffle=True)
test_loader = torch.utils.data.DataLoader(test_set, batch_size=len(test_set))

class N(nn.Module):
    def __init__(s):
        super().__init__()
        s.a, s.b = nn.Conv2d(3, 6, 5), nn.Conv2d(6, 16, 5)
        s.c, s.d, s.e = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)
    def forward(s, x):
        x = F.max_pool2d(s.a(x).relu_(), 2)
        x = F.max_pool2d(s.b(x).relu_(), 2).flatten(1)
        return s.e(s.d(s.c(x).relu_()).relu_())

net = N()
o = torch.optim.SGD(net.parameters(), .001, momentum=.9)
batches = iter(train_loader)
for step in range(12500):
    x, y = next(batches)
    o.zero_grad()
    l = F.cross_entropy(net(x), y)
    l.backward()
    o.step()
    if step % 2500 == 0: print('step', step, 'loss', l.item())

# the whole test set is one batch
images, labels = next(iter(test_loader))
net.eval()
with torch.no_grad():
    guess = net(images).argmax(1)
print('accuracy', (guess == labels).float().mean().item())
