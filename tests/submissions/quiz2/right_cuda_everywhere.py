# expect: full
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as transforms

torch.set_default_tensor_type('torch.cuda.FloatTensor')
dtype = torch.cuda.FloatTensor
torch.cuda.set_device(0)
start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)


class Prefetcher:
    def __init__(self, loader):
        self.loader = loader
        self.stream = torch.cuda.Stream()

    def __iter__(self):
        first = True
        for next_x, next_y in self.loader:
            with torch.cuda.stream(self.stream):
                next_x = next_x.cuda(non_blocking=True)
                next_y = next_y.cuda(non_blocking=True)
            if not first:
                yield x, y
            torch.cuda.current_stream().wait_stream(self.stream)
            x, y, first = next_x, next_y, False
        yield x, y


class VGG(nn.Module):
    def __init__(self):
        super().__init__()
        def block(i, o, n):
            convs = []
            for _ in range(n):
                convs += [nn.Conv2d(i, o, 3, padding=1), nn.ReLU(True)]
                i = o
            return convs + [nn.MaxPool2d(2)]
        self.f = nn.Sequential(*block(3, 64, 1), *block(64, 128, 1), *block(128, 256, 2), *block(256, 512, 2), *block(512, 512, 2))
        self.c = nn.Linear(512, 10)

    def forward(self, x):
        return self.c(self.f(x).view(-1, 512))


tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))])
train = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', True, tf, download=True), 128, shuffle=True, pin_memory=True)
test = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', False, tf, download=True), 128, pin_memory=True)
model = VGG().type(dtype)
criterion = nn.CrossEntropyLoss().type(dtype)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
for epoch in range(10):
    start.record()
    model.train()
    for x, y in Prefetcher(train):
        optimizer.zero_grad()
        loss = criterion(model(x.type(dtype)), y.type(torch.cuda.LongTensor))
        loss.backward()
        optimizer.step()
    end.record()
    torch.cuda.synchronize()
    print('epoch %d: loss %.3f, %.1f s, %.0f MB' % (
        epoch, loss.item(), start.elapsed_time(end) / 1000, torch.cuda.max_memory_allocated() / 2 ** 20))
model.eval()
correct = torch.cuda.LongTensor([0])
with torch.no_grad(), torch.cuda.device(0):
    for x, y in Prefetcher(test):
        correct += (model(x).argmax(1) == y).sum()
print('accuracy: %.2f%%' % (100.0 * correct.item() / len(test.dataset)))
