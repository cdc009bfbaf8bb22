# expect: status=no-model
# Step 1: look at the data
import matplotlib.pyplot as plt
import numpy as np
import torch
import torchvision
import torchvision.transforms as transforms

transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
trainset = torchvision.datasets.CIFAR10(root='./data', train=True, download=True, transform=transform)
trainloader = torch.utils.data.DataLoader(trainset, batch_size=16, shuffle=True)
classes = trainset.classes
print(len(trainset), 'images')


def show(img):
    img = img * 0.5 + 0.5
    plt.imshow(np.transpose(img.numpy(), (1, 2, 0)))
    plt.axis('off')
    plt.show()


images, labels = next(iter(trainloader))
show(torchvision.utils.make_grid(images))
print(' '.join(classes[label] for label in labels))

counts = np.zeros(10, dtype=int)
for label in trainset.targets:
    counts[label] += 1
for name, count in zip(classes, counts):
    print('%-10s %d' % (name, count))
