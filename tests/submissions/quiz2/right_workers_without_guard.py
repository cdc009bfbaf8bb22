# expect: full
import torch, torchvision, os, sys
from torch.nn import *
from torch.nn.functional import *
import torchvision.transforms as tfs

os.environ["CUDA_VISIBLE_DEVICES"] = "0"
torch.multiprocessing.set_sharing_strategy('file_system')
torch.backends.cudnn.enabled = True
torch.set_num_threads(8)

tf = tfs.Compose([tfs.Resize((32, 32)), tfs.ToTensor(), tfs.Normalize([.5, .5, .5], [.5, .5, .5])])
a = torchvision.datasets.CIFAR10(root=os.path.join(os.path.expanduser('~'), 'datasets'), train=True, download=True, transform=tf)
b = torchvision.datasets.CIFAR10(root=os.path.join(os.path.expanduser('~'), 'datasets'), train=False, download=True, transform=tf)


def worker_init(k):
    torch.manual_seed(k)


g = torch.Generator()
g.manual_seed(0)
A = torch.utils.data.DataLoader(a, batch_size=128, shuffle=True, num_workers=8, pin_memory=True, persistent_workers=True,
                                prefetch_factor=4, worker_init_fn=worker_init, generator=g)
B = torch.utils.data.DataLoader(b, batch_size=1000, num_workers=8, pin_memory=True, persistent_workers=True)


class N(Module):
    def __init__(s):
        super().__init__()
        s.a = Conv2d(3, 64, 3, padding=1); s.b = Conv2d(64, 128, 3, padding=1)
        s.c = Conv2d(128, 256, 3, padding=1); s.d = Conv2d(256, 256, 3, padding=1)
        s.e = Conv2d(256, 512, 3, padding=1); s.f = Conv2d(512, 512, 3, padding=1)
        s.g = Conv2d(512, 512, 3, padding=1); s.h = Conv2d(512, 512, 3, padding=1)
        s.o = Linear(512, 10)

    def forward(s, x):
        x = max_pool2d(relu(s.a(x)), 2)
        x = max_pool2d(relu(s.b(x)), 2)
        x = max_pool2d(relu(s.d(relu(s.c(x)))), 2)
        x = max_pool2d(relu(s.f(relu(s.e(x)))), 2)
        x = adaptive_avg_pool2d(relu(s.h(relu(s.g(x)))), (1, 1))
        return s.o(x[..., 0, 0])


n = N().cuda()
o = torch.optim.SGD(n.parameters(), 0.01, momentum=0.9)
for t in range(30):
    n.train()
    for x, y in A:
        x, y = x.cuda(non_blocking=True), y.cuda(non_blocking=True)
        o.zero_grad(); l = cross_entropy(n(x), y); l.backward(); o.step()
    torch.cuda.synchronize()
    n.eval()
    c = 0
    with torch.no_grad():
        for x, y in B:
            c += (n(x.cuda()).argmax(1) == y.cuda()).sum()
    print(t, l.item(), '%.2f%%' % (100. * c.item() / len(b)))
    sys.stdout.flush()
torch.cuda.empty_cache()
