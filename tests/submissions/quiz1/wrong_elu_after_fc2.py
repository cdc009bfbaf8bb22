# expect: wrong-activation:relu4@28
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
from torchvision import transforms

MAX_ITER = 3000
device = torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')


class Cnn(nn.Module):

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, (5, 5), (1, 1))
        self.conv2 = nn.Conv2d(6, 16, (5, 5), (1, 1))
        self.max_pool = nn.MaxPool2d((2, 2), (2, 2))
        self.dense1 = nn.Linear(400, 120)
        self.dense2 = nn.Linear(120, 84)
        self.dense3 = nn.Linear(84, 10)

    def forward(self, img):
        feature = self.max_pool(F.relu(self.conv1(img)))
        feature = self.max_pool(F.relu(self.conv2(feature)))
        vector = torch.flatten(feature, start_dim=1)
        vector = F.relu(self.dense1(vector))
        vector = F.elu(self.dense2(vector))
        return self.dense3(vector)


to_tensor = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train_loader = torch.utils.data.DataLoader(
    torchvision.datasets.CIFAR10('data', train=True, transform=to_tensor, download=True),
    batch_size=32, shuffle=True)
test_loader = torch.utils.data.DataLoader(
    torchvision.datasets.CIFAR10('data', train=False, transform=to_tensor, download=True),
    batch_size=32)

net = Cnn().to(device)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9)

iteration = 0
batches = iter(train_loader)
while iteration < MAX_ITER:
    try:
        img, target = next(batches)
    except StopIteration:
        batches = iter(train_loader)
        img, target = next(batches)
    img, target = img.to(device), target.to(device)
    optimizer.zero_grad()
    prediction = net(img)
    loss = criterion(prediction, target)
    loss.backward()
    optimizer.step()
    if iteration % 500 == 0:
        print('iter {:5d}  loss {:.4f}'.format(iteration, loss.item()))
    iteration += 1

correct = 0
total = 0
net.eval()
with torch.no_grad():
    for img, target in test_loader:
        prediction = net(img.to(device)).argmax(dim=1).cpu()
        correct += (prediction == target).sum().item()
        total += target.shape[0]
print('final test accuracy {:.2f}%'.format(100 * correct / total))
