# expect: full
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
import torchvision.transforms as transforms

mean, std = [0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616]
tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize(mean, std)])
train_set = torchvision.datasets.CIFAR10('./cifar', train=True, download=True, transform=tf)
test_set = torchvision.datasets.CIFAR10('./cifar', train=False, download=True, transform=tf)
train_loader = torch.utils.data.DataLoader(train_set, batch_size=100, shuffle=True)
test_loader = torch.utils.data.DataLoader(test_set, batch_size=100)


class Model(nn.Module):
    def __init__(self):
        super(Model, self).__init__()
        widths = [3, 64, 128, 256, 256, 512, 512, 512, 512]
        for i in range(8):
            setattr(self, 'conv%d' % (i + 1), nn.Conv2d(widths[i], widths[i + 1], 3, 1, 1))
        self.linear = nn.Linear(512, 10)

    def forward(self, x):
        for i in range(1, 9):
            x = getattr(self, 'conv%d' % i)(x)
            x = torch.max(x, torch.zeros_like(x))
            if i in (1, 2, 4, 6):
                x = F.max_pool2d(x, 2)
        # 2x2 map to one number
        x = x.mean(dim=[2, 3])
        return self.linear(x)


model = Model()
optimizer = torch.optim.SGD(model.parameters(), 0.01, 0.9)
loss_function = torch.nn.CrossEntropyLoss()

max_iteration = 2000
iteration = 0
it = iter(train_loader)
while iteration < max_iteration:
    try:
        x, y = next(it)
    except StopIteration:
        it = iter(train_loader)
        x, y = next(it)
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    loss.backward()
    optimizer.step()
    iteration += 1
    if iteration % 100 == 0:
        print(iteration, loss.item())

right = 0
count = 0
with torch.no_grad():
    for x, y in test_loader:
        answer = model(x).argmax(dim=1)
        for a, b in zip(answer.tolist(), y.tolist()):
            right += int(a == b)
            count += 1
print('test accuracy = %.4f' % (right / count))
