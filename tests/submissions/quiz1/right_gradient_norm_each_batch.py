# expect: full
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
import torchvision
import torchvision.transforms as transforms

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, kernel_size=(5, 5), stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1, bias=True)
        self.pool1 = nn.MaxPool2d((2, 2), (2, 2), (0, 0), (1, 1))
        self.conv2 = nn.Conv2d(6, 16, kernel_size=(5, 5), stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1, bias=True)
        self.pool2 = nn.MaxPool2d((2, 2), (2, 2), (0, 0), (1, 1))
        self.fc1 = nn.Linear(400, 120, bias=True)
        self.fc2 = nn.Linear(120, 84, bias=True)
        self.fc3 = nn.Linear(84, 10, bias=True)

    def forward(self, x):
        v_conv1 = self.conv1(x)
        v_relu1 = F.relu(v_conv1)
        v_pool1 = self.pool1(v_relu1)
        v_conv2 = self.conv2(v_pool1)
        v_relu2 = F.relu(v_conv2)
        v_pool2 = self.pool2(v_relu2)
        v_pool2 = torch.flatten(v_pool2, 1)
        v_fc1 = self.fc1(v_pool2)
        v_relu3 = F.relu(v_fc1)
        v_fc2 = self.fc2(v_relu3)
        v_relu4 = F.relu(v_fc2)
        v_fc3 = self.fc3(v_relu4)
        return v_fc3

transform = transforms.Compose([
    transforms.ToTensor(),
    transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
])
trainset = torchvision.datasets.CIFAR10(root="./data", train=True, download=True, transform=transform)
testset = torchvision.datasets.CIFAR10(root="./data", train=False, download=True, transform=transform)
trainloader = torch.utils.data.DataLoader(trainset, batch_size=4, shuffle=True)
testloader = torch.utils.data.DataLoader(testset, batch_size=4, shuffle=False)

net = Net()
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(net.parameters(), lr=0.001, momentum=0.9)
for epoch in range(3):
    for i, (inputs, labels) in enumerate(trainloader):
        optimizer.zero_grad()
        outputs = net(inputs)
        loss = criterion(outputs, labels)
        loss.backward()
        print('grad', net.conv1.weight.grad.norm().item())
        optimizer.step()
        if i % 1000 == 999:
            print(epoch, i, loss.item())

correct = 0
total = 0
net.eval()
with torch.no_grad():
    for images, labels in testloader:
        outputs = net(images)
        predicted = outputs.argmax(dim=1)
        total += labels.size(0)
        correct += (predicted == labels).sum().item()
print("Accuracy on the test images: %.2f %%" % (100 * correct / total))
