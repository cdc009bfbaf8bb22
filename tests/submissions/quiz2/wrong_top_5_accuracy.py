# expect: wrong-accuracy
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as transforms

t = transforms.Compose([transforms.ToTensor(), transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
loaders = [torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', train=k, download=True, transform=t), 64, shuffle=k)
           for k in (True, False)]


class Vgg(nn.Module):
    def __init__(self):
        super(Vgg, self).__init__()
        modules = []
        for i, o, p in [(3, 64, 1), (64, 128, 1), (128, 256, 0), (256, 256, 1), (256, 512, 0), (512, 512, 1), (512, 512, 0), (512, 512, 1)]:
            modules.append(nn.Conv2d(i, o, 3, padding=1))
            modules.append(nn.ReLU())
            if p:
                modules.append(nn.MaxPool2d(2))
        self.m = nn.Sequential(*modules)
        self.l = nn.Linear(512, 10)

    def forward(self, x):
        return self.l(self.m(x).reshape(x.shape[0], 512))


def accuracy(output, target, k=5):
    """as in the ImageNet papers"""
    with torch.no_grad():
        pred = output.topk(k, dim=1)[1]
        return (pred == target.unsqueeze(1)).any(dim=1).sum().item()


vgg = Vgg()
loss_func = nn.CrossEntropyLoss()
sgd = torch.optim.SGD(vgg.parameters(), lr=0.01, momentum=0.9)
for e in range(12):
    for x, y in loaders[0]:
        sgd.zero_grad()
        loss = loss_func(vgg(x), y)
        loss.backward()
        sgd.step()
    print('epoch', e, loss.item())
vgg.eval()
ok = n = 0
with torch.no_grad():
    for x, y in loaders[1]:
        ok += accuracy(vgg(x), y)
        n += y.size(0)
print('test accuracy: {:.2f} %'.format(100. * ok / n))
