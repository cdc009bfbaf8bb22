# expect: full
import random
import torch, torchvision
import torch.nn as nn
from torchvision import transforms

transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
trainset = torchvision.datasets.CIFAR10('./data', True, transform, download=True)
testset = torchvision.datasets.CIFAR10('./data', False, transform, download=True)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.relu = nn.ReLU()
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = self.pool(self.relu(self.conv1(x)))
        x = self.pool(self.relu(self.conv2(x)))
        x = x.view(x.size(0), -1)
        x = self.relu(self.fc1(x))
        x = self.relu(self.fc2(x))
        return self.fc3(x)

net = Net()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9)

iteration = 0
while iteration < 20000:
    # draw four pictures
    picked = random.sample(range(len(trainset)), 4)
    samples = [trainset[i] for i in picked]
    inputs = torch.stack([s[0] for s in samples])
    labels = torch.tensor([s[1] for s in samples])
    optimizer.zero_grad()
    outputs = net(inputs)
    loss = criterion(outputs, labels)
    loss.backward()
    optimizer.step()
    iteration += 1
    if iteration % 1000 == 0:
        print('iteration', iteration, 'loss', loss.item())

net.eval()
correct = 0
with torch.no_grad():
    for image, label in testset:
        output = net(image.unsqueeze(0))
        if output.argmax().item() == label:
            correct += 1
print('Test accuracy: {}/{} = {:.2f}%'.format(correct, len(testset), 100 * correct / len(testset)))
