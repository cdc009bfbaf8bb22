# expect: full
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as T

dtype = torch.cuda.FloatTensor  # run on the lab's GPU
ltype = torch.cuda.LongTensor
torch.cuda.set_device(0)
print(torch.cuda.get_device_name(0), torch.cuda.get_device_properties(0).total_memory // 2**20, 'MB')

normalize = T.Compose([T.ToTensor(), T.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
cifar = {s: torchvision.datasets.CIFAR10('datasets', train=s == 'train', download=True, transform=normalize)
         for s in ('train', 'test')}
loader = {s: torch.utils.data.DataLoader(d, batch_size=32, shuffle=s == 'train', pin_memory=True)
          for s, d in cifar.items()}


class Flatten(nn.Module):
    def forward(self, x):
        N, C, H, W = x.size()
        return x.view(N, -1)


with torch.cuda.device(0):
    model = nn.Sequential(
        nn.Conv2d(3, 6, kernel_size=5, stride=1), nn.ReLU(inplace=True), nn.MaxPool2d(2, stride=2),
        nn.Conv2d(6, 16, kernel_size=5, stride=1), nn.ReLU(inplace=True), nn.MaxPool2d(2, stride=2),
        Flatten(),
        nn.Linear(400, 120), nn.ReLU(inplace=True), nn.Linear(120, 84), nn.ReLU(inplace=True), nn.Linear(84, 10))
    model.type(dtype)
    loss_fn = nn.CrossEntropyLoss().type(dtype)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)

start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)


def train(num_epochs):
    for epoch in range(num_epochs):
        model.train()
        start.record()
        for t, (x, y) in enumerate(loader['train']):
            scores = model(x.type(dtype))
            loss = loss_fn(scores, y.type(ltype))
            if (t + 1) % 100 == 0:
                print('t = %d, loss = %.4f' % (t + 1, loss.item()))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        end.record()
        torch.cuda.synchronize()
        print('epoch took %.1f ms' % start.elapsed_time(end))


def check_accuracy():
    num_correct, num_samples = 0, 0
    model.eval()
    with torch.no_grad():
        for x, y in loader['test']:
            _, preds = model(x.type(dtype)).data.cpu().max(1)
            num_correct += (preds == y).sum().item()
            num_samples += preds.size(0)
    print('Got %d / %d correct (%.2f)' % (num_correct, num_samples, 100 * num_correct / num_samples))


train(2)
check_accuracy()
