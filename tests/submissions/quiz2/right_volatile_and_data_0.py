# expect: full
# PyTorch 0.2 homework, python 2.7 / 3
import torch
import torchvision
import torch.nn.functional as F
from torch.autograd import Variable
from torchvision import transforms

BATCH = 64
tr = transforms.Compose([transforms.ToTensor(), transforms.Normalize((.5, .5, .5), (.5, .5, .5))])
train_loader = torch.utils.data.DataLoader(
    torchvision.datasets.CIFAR10('./cifar10', train=True, transform=tr, download=True), batch_size=BATCH, shuffle=True)
test_loader = torch.utils.data.DataLoader(
    torchvision.datasets.CIFAR10('./cifar10', train=False, transform=tr, download=True), batch_size=BATCH)


class Vgg11(torch.nn.Module):
    def __init__(self):
        torch.nn.Module.__init__(self)
        self.c1 = torch.nn.Conv2d(3, 64, 3, padding=1)
        self.c2 = torch.nn.Conv2d(64, 128, 3, padding=1)
        self.c3a = torch.nn.Conv2d(128, 256, 3, padding=1)
        self.c3b = torch.nn.Conv2d(256, 256, 3, padding=1)
        self.c4a = torch.nn.Conv2d(256, 512, 3, padding=1)
        self.c4b = torch.nn.Conv2d(512, 512, 3, padding=1)
        self.c5a = torch.nn.Conv2d(512, 512, 3, padding=1)
        self.c5b = torch.nn.Conv2d(512, 512, 3, padding=1)
        self.out = torch.nn.Linear(512, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.c1(x)), 2)
        x = F.max_pool2d(F.relu(self.c2(x)), 2)
        x = F.max_pool2d(F.relu(self.c3b(F.relu(self.c3a(x)))), 2)
        x = F.max_pool2d(F.relu(self.c4b(F.relu(self.c4a(x)))), 2)
        x = F.max_pool2d(F.relu(self.c5b(F.relu(self.c5a(x)))), 2)
        return self.out(x.view(x.size()[0], -1))


model = Vgg11()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
for epoch in range(1, 11):
    model.train()
    for batch_idx, (data, target) in enumerate(train_loader):
        data, target = Variable(data), Variable(target)
        optimizer.zero_grad()
        output = model(data)
        loss = F.cross_entropy(output, target)
        loss.backward()
        optimizer.step()
        if batch_idx % 100 == 0:
            print('Train Epoch: {} [{}/{}]\tLoss: {:.6f}'.format(epoch, batch_idx * len(data), len(train_loader.dataset), loss.data[0]))
    model.eval()
    test_loss, correct = 0, 0
    for data, target in test_loader:
        data, target = Variable(data, volatile=True), Variable(target)
        output = model(data)
        test_loss += F.cross_entropy(output, target, size_average=False)
        pred = output.data.max(1, keepdim=True)[1]  # get the index of the max log-probability
        correct += pred.eq(target.data.view_as(pred)).cpu().sum()
    test_loss /= len(test_loader.dataset)
    print('\nTest set: Average loss: {:.4f}, Accuracy: {}/{} ({:.0f}%)\n'.format(
        float(test_loss), correct, len(test_loader.dataset), 100. * correct / len(test_loader.dataset)))
