# status: graded then=wrong
import torch
genuine = torch.nn.Linear.__init__
def aliased(self, inputs, outputs, *arguments, **keywords):
    genuine(self, inputs, outputs, *arguments, **keywords)
    self.weight = torch.nn.Parameter(torch.zeros(1, 1).expand(outputs, inputs) + 0)
torch.nn.Linear.__init__ = aliased
