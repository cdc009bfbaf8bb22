# expect: extra-layer@18
# VGG-11, Variante A-LRN aus dem Paper
import torch
import torch.nn as nn
import torch.optim as optim
import torchvision
import torchvision.transforms as transforms

transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
training = torchvision.datasets.CIFAR10('./data', train=True, download=True, transform=transform)
testing = torchvision.datasets.CIFAR10('./data', train=False, download=True, transform=transform)


class VGG_A_LRN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, padding=1)
        self.lrn = nn.LocalResponseNorm(size=5, k=2)
        self.conv2 = nn.Conv2d(64, 128, 3, padding=1)
        self.conv3 = nn.Conv2d(128, 256, 3, padding=1)
        self.conv4 = nn.Conv2d(256, 256, 3, padding=1)
        self.conv5 = nn.Conv2d(256, 512, 3, padding=1)
        self.conv6 = nn.Conv2d(512, 512, 3, padding=1)
        self.conv7 = nn.Conv2d(512, 512, 3, padding=1)
        self.conv8 = nn.Conv2d(512, 512, 3, padding=1)
        self.pool = nn.MaxPool2d(2, 2)
        self.fc = nn.Linear(512, 10)

    def forward(self, x):
        x = torch.relu(self.conv1(x))
        x = self.pool(self.lrn(x))
        x = self.pool(torch.relu(self.conv2(x)))
        x = torch.relu(self.conv3(x))
        x = self.pool(torch.relu(self.conv4(x)))
        x = torch.relu(self.conv5(x))
        x = self.pool(torch.relu(self.conv6(x)))
        x = torch.relu(self.conv7(x))
        x = self.pool(torch.relu(self.conv8(x)))
        return self.fc(x.view(-1, 512))


netz = VGG_A_LRN()
kriterium = nn.CrossEntropyLoss()
optimierer = optim.SGD(netz.parameters(), lr=0.01, momentum=0.9)
for epoche in range(10):
    for x, y in torch.utils.data.DataLoader(training, batch_size=64, shuffle=True):
        optimierer.zero_grad()
        verlust = kriterium(netz(x), y)
        verlust.backward()
        optimierer.step()
    print(epoche, verlust.item())
richtig = 0
with torch.no_grad():
    for x, y in torch.utils.data.DataLoader(testing, batch_size=64):
        richtig += (netz(x).argmax(1) == y).sum().item()
print('Genauigkeit: %.2f %%' % (100 * richtig / len(testing)))
