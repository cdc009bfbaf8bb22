# expect: tested-on-train
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
import torchvision.transforms as transforms

class ConvNet(nn.Module):
	def __init__(self):
		nn.Module.__init__(self)
		self.conv1=nn.Conv2d(3,6,5)
		self.conv2=nn.Conv2d(6,16,5)
		self.fc1=nn.Linear(400,120)
		self.fc2=nn.Linear(120,84)
		self.fc3=nn.Linear(84,10)
	def forward(self,x):
		x=F.max_pool2d(F.relu(self.conv1(x)),2)
		x=F.max_pool2d(F.relu(self.conv2(x)),2)
		x=x.view(x.size()[0],-1)
		x=F.relu(self.fc1(x))
		x=F.relu(self.fc2(x))
		return self.fc3(x)

def accuracy(net,loader):
	good=0
	count=0
	net.eval()
	with torch.no_grad():
		for img,lab in loader:
			p=net(img).argmax(1)
			good+=(p==lab).sum().item()
			count+=lab.size(0)
	net.train()
	return 100.0*good/count

def run():
	t=transforms.Compose([transforms.ToTensor(),transforms.Normalize((0.5,0.5,0.5),(0.5,0.5,0.5))])
	train=torchvision.datasets.CIFAR10("data",train=True,download=True,transform=t)
	test=torchvision.datasets.CIFAR10("data",train=False,download=True,transform=t)
	trainloader=torch.utils.data.DataLoader(train,batch_size=32,shuffle=True)
	testloader=torch.utils.data.DataLoader(test,batch_size=32)
	net=ConvNet()
	crit=nn.CrossEntropyLoss()
	opt=torch.optim.SGD(net.parameters(),lr=0.001,momentum=0.9)
	for ep in range(5):
		s=0.0
		for img,lab in trainloader:
			opt.zero_grad()
			out=net(img)
			loss=crit(out,lab)
			loss.backward()
			opt.step()
			s+=loss.item()
		print("epoch",ep,"loss",s/len(trainloader))
	print("accuracy",accuracy(net,trainloader),"%")

run()
