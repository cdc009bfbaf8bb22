# expect: status=no-model
# Quiz 3, part 1: load and look at the data
import torch
import torchvision
import torchvision.transforms as transforms
import matplotlib.pyplot as plt

transform = transforms.Compose([
    transforms.ToTensor(),
    transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
])
trainset = torchvision.datasets.CIFAR10(root='./data', train=True, download=True, transform=transform)
testset = torchvision.datasets.CIFAR10(root='./data', train=False, download=True, transform=transform)
trainloader = torch.utils.data.DataLoader(trainset, batch_size=16, shuffle=True)
testloader = torch.utils.data.DataLoader(testset, batch_size=16, shuffle=False)

print('training images:', len(trainset))
print('test images:', len(testset))
print('classes:', trainset.classes)

images, labels = next(iter(trainloader))
print('a batch:', images.shape, labels.shape)
print('range:', images.min().item(), 'to', images.max().item())
print('mean per channel:', images.mean(dim=(0, 2, 3)))

grid = torchvision.utils.make_grid(images / 2 + 0.5)
plt.imshow(grid.permute(1, 2, 0))
plt.title(' '.join(trainset.classes[label] for label in labels))
plt.show()

# the network comes in part 2
