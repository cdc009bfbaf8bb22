"""What each finding code means, how to fix it, and the check that owns it: for ``grade explain`` and the reports."""

from __future__ import annotations

# code -> (what it means and why it matters, how to fix it, check id)
CODES: dict[str, tuple[str, str, str]] = {
    # ---- the network
    "wrong-attribute": (
        "A layer is there, but one of its sizes is not the handout's. Later sizes often follow from it; they are "
        "shown, but not charged.",
        "Change the named attribute in the layer's constructor to the expected value.",
        "layers",
    ),
    "missing-layer": (
        "A row of the handout's layer table has no counterpart in what your network computes. A layer that is "
        "constructed but never called in forward is missing, too.",
        "Add the layer to the constructor and call it in forward at its place.",
        "layers",
    ),
    "extra-layer": (
        "Your network computes something that the handout does not ask for, for example a further layer, dropout or "
        "batch norm. It then is another network, with other results.",
        "Remove the layer, or its call in forward.",
        "layers",
    ),
    "layer-order": (
        "The right layers are there, but two of them run in another order than in the handout.",
        "Reorder the calls in forward; the constructor's order does not matter.",
        "layers",
    ),
    "missing-activation": (
        "A hidden layer has no ReLU behind it. Two layers without one in between are together a single linear map.",
        "Write torch.relu(...) around the named layer's call in forward.",
        "activations",
    ),
    "extra-activation": (
        "An activation stands where the handout has none. On the output it distorts the class scores: ReLU, for "
        "example, sets all negative ones to 0.",
        "Remove the activation from that line of forward.",
        "activations",
    ),
    "wrong-activation": (
        "A hidden layer has another activation than ReLU. The quiz slide says: ReLU for hidden layers; sigmoid units "
        "learn about six times slower.",
        "Put torch.relu in the place of the other activation.",
        "activations",
    ),
    "missing-skip": (
        "The block's input is not added to its output. Without the skip connection it is no residual block: "
        "a[l+2] = g(z[l+2] + a[l]).",
        "Keep the block's input and write torch.relu(z + x) at its end.",
        "layers",
    ),
    "wrong-skip": (
        "There is a skip connection, but it starts or ends at another place, is scaled, concatenated, or changed by "
        "a layer on its way.",
        "Add the block's input, unchanged, to the second convolution's output, before the last ReLU.",
        "layers",
    ),
    "unused-layer": (
        "A layer is constructed, but its result does not reach the output. Its weights never learn.",
        "Call the layer in forward and use its result, or remove it.",
        "layers",
    ),
    "shared-layer": (
        "One layer object is called at two places of the table. Both places then have the same weights, where the "
        "handout has weights of their own.",
        "Construct a second layer and call it at the second place.",
        "layers",
    ),
    "unregistered-layer": (
        "PyTorch does not know this layer's weights, usually because it is in a plain Python list. They are missing "
        "in network.parameters(), so the optimizer never changes them.",
        "Assign the layer to an attribute of self, or put the list into nn.ModuleList.",
        "layers",
    ),
    "output-shape": (
        "The network's answer does not have one row per picture and one class score per column.",
        "Give the last layer ten outputs, and flatten with torch.flatten(x, 1).",
        "output-shape",
    ),
    "parameter-count": (
        "The number of weights and biases differs from the handout's total, so some layer has another size.",
        "Print each layer's number of parameters, and compare it with the handout's table.",
        "parameters",
    ),
    # ---- loss
    "softmax-before-cross-entropy": (
        "CrossEntropyLoss takes the softmax itself. With a softmax before it all scores lie between 0 and 1, the loss "
        "cannot fall below about 1.46 for ten classes, and the gradients almost vanish.",
        "Remove the softmax, and give the last layer's scores to the loss.",
        "loss",
    ),
    "wrong-loss": (
        "The training minimises something else than cross-entropy, or cross-entropy with other options.",
        "Use nn.CrossEntropyLoss() as it is, on the scores and the labels.",
        "loss",
    ),
    # ---- optimizer
    "wrong-optimizer": (
        "The weights were moved by another optimizer than the handout's.",
        "Construct the handout's optimizer: torch.optim.SGD in quizzes 1 and 2, torch.optim.Adam in quiz 3.",
        "optimizer",
    ),
    "wrong-learning-rate": (
        "The steps are longer or shorter than the handout's: the learning rate is another one.",
        "Set lr= to the handout's value, and look for a comma or a zero too many.",
        "optimizer",
    ),
    "wrong-momentum": (
        "The momentum is missing or another one. SGD has none unless you ask for it.",
        "Write momentum=0.9 in the optimizer's constructor.",
        "optimizer",
    ),
    "extra-weight-decay": (
        "The weights are pulled towards 0 in each step. The handout does not ask for it.",
        "Remove weight_decay from the optimizer's constructor, and any L2 term from the loss.",
        "optimizer",
    ),
    "wrong-nesterov": (
        "Nesterov's momentum is switched on; the handout asks for the plain one.",
        "Remove nesterov=True.",
        "optimizer",
    ),
    "wrong-dampening": (
        "Dampening makes each new gradient count less in the momentum; the handout has none.",
        "Remove dampening from the optimizer's constructor.",
        "optimizer",
    ),
    "wrong-betas": (
        "Adam averages gradients over another span than the handout's: its betas are other ones.",
        "Leave out betas, or write betas=(0.9, 0.999).",
        "optimizer",
    ),
    "wrong-eps": (
        "Adam divides by another smallest number than the handout's, which changes the steps of weights with small "
        "gradients.",
        "Leave out eps, or write eps=1e-8.",
        "optimizer",
    ),
    "maximised-loss": (
        "Each step makes the loss larger: the optimizer maximises it, or a minus sign turns the direction round.",
        "Remove maximize=True, and the minus sign before the loss or the learning rate.",
        "optimizer",
    ),
    "wrong-amsgrad": (
        "AMSGrad is another rule than plain Adam, which the handout asks for.",
        "Remove amsgrad=True.",
        "optimizer",
    ),
    "wrong-hyperparameter": (
        "One of the optimizer's other numbers is not the handout's.",
        "Leave it out: torch's default is the handout's value.",
        "optimizer",
    ),
    "learning-rate-schedule": (
        "The learning rate changes during the training. The handout keeps it fixed.",
        "Remove the scheduler and its step().",
        "optimizer",
    ),
    # ---- one step of training
    "frozen-parameters": (
        "Some weights have requires_grad=False and never change.",
        "Remove the line that sets requires_grad to False.",
        "training-step",
    ),
    "partial-optimizer": (
        "The optimizer was given only some of the network's weights; the others stay as they were at the start.",
        "Give it network.parameters(), all of them.",
        "training-step",
    ),
    "stale-optimizer": (
        "The optimizer holds the weights of another network object: the network was made anew after the optimizer.",
        "Construct the optimizer after the network, and do not construct the network again.",
        "training-step",
    ),
    "no-zero-grad": (
        "The gradients are never cleared. PyTorch adds each new gradient to the old ones, so every step follows "
        "their sum.",
        "Call optimizer.zero_grad() at the start of each step.",
        "training-step",
    ),
    "no-backward": (
        "backward() is never called on the loss, so there are no gradients to follow.",
        "Call loss.backward() before optimizer.step().",
        "training-step",
    ),
    "no-step": (
        "optimizer.step() is never called: gradients are computed, and the weights do not change.",
        "Call optimizer.step() after loss.backward().",
        "training-step",
    ),
    "step-before-backward": (
        "The optimizer steps before this batch's gradients exist, so each step uses those of the batch before, or "
        "none.",
        "Call loss.backward() first, then optimizer.step().",
        "training-step",
    ),
    "zero-grad-after-backward": (
        "The gradients are cleared between backward() and step(), so the optimizer sees none.",
        "Move optimizer.zero_grad() before loss.backward().",
        "training-step",
    ),
    "detached-graph": (
        "A .detach(), .data, no_grad or a way through numpy cuts the computation; no gradient reaches the layers "
        "before it.",
        "Remove it, and keep all of forward in torch's own operations.",
        "training-step",
    ),
    "labels-mismatched": (
        "The loss was given other labels than those of the pictures: shifted, shuffled or constant.",
        "Give the loss the labels that came with the batch from the loader, unchanged.",
        "training-step",
    ),
    "eval-mode-training": (
        "The network is in evaluation mode while it trains, so dropout and batch norm do not act as they should.",
        "Call network.train() before the training loop.",
        "training-step",
    ),
    "trained-on-test": (
        "The training loop is fed with the test data. What the network has seen cannot test it any more.",
        "Loop over the loader made from CIFAR10(train=True).",
        "training-step",
    ),
    "double-step": (
        "optimizer.step() runs twice on the same gradients, which is nearly twice the learning rate.",
        "Call optimizer.step() once per batch.",
        "training-step",
    ),
    "backward-twice": (
        "backward() runs twice on one loss, which doubles the gradients.",
        "Call loss.backward() once per batch, without retain_graph.",
        "training-step",
    ),
    "clipped-gradients": (
        "The gradients are cut to a largest size before the step. The handout does not ask for it.",
        "Remove the call of clip_grad_norm_ or clip_grad_value_.",
        "training-step",
    ),
    "accumulated-gradients": (
        "The optimizer steps only after several batches, with the sum of their gradients.",
        "Do zero_grad, backward and step once for each batch.",
        "training-step",
    ),
    "no-training": (
        "No training step was seen: no batch went through the network with the weights changing after it.",
        "Write the training loop, and call it when the program runs.",
        "training-step",
    ),
    "diverging-step": (
        "The weights after your steps are not those of the handout's recipe, and none of the usual mistakes gives "
        "them.",
        "Compare your loop with zero_grad, loss, backward, step, and look for anything else that changes weights, "
        "gradients, pictures or labels.",
        "training-step",
    ),
    "program-error": (
        "The program stopped with an exception, so what comes after that line was not run.",
        "Fix the named line, then run the program from top to bottom before you hand it in.",
        "training-step",
    ),
    # ---- data
    "not-normalised": (
        "The network is fed numbers that are not centred at 0, or training and test pictures are treated "
        "differently. ToTensor alone gives 0 to 1, all positive, and training crawls.",
        "Put transforms.Normalize after ToTensor, and give both splits the same one.",
        "data",
    ),
    "no-training-data": (
        "CIFAR-10's training split was not loaded.",
        "Load torchvision.datasets.CIFAR10 with train=True.",
        "data",
    ),
    # ---- evaluation
    "no-evaluation": (
        "The trained network was not tested on the test data.",
        "After training, go through the whole test loader under torch.no_grad() and print the accuracy.",
        "evaluation",
    ),
    "tested-on-train": (
        "The test runs over the training data. Only pictures that the network has not seen tell what it has learned.",
        "Loop over the loader made from CIFAR10(train=False).",
        "evaluation",
    ),
    "test-incomplete": (
        "The test stops before the end of the test set, so the accuracy is that of a part.",
        "Remove the break or return from the test loop.",
        "evaluation",
    ),
    "test-with-grad": (
        "The test keeps everything for a backward pass that never comes: slower, and with much more memory.",
        "Write with torch.no_grad(): around the test loop.",
        "evaluation",
    ),
    "test-in-train-mode": (
        "The test runs in training mode: dropout still drops, and batch norm uses the batch's own statistics.",
        "Call network.eval() before the test loop.",
        "evaluation",
    ),
    "wrong-accuracy": (
        "None of the printed numbers is the share of right answers, counted on the same pictures.",
        "Count right answers (argmax over dimension 1) and pictures, and divide the one by the other.",
        "evaluation",
    ),
    # ---- learning
    "cannot-learn": (
        "The grader could not make the network memorise even one small batch: some layer gets no gradient, or "
        "saturates.",
        "Look in forward for detach, .data or no_grad, and for sigmoid, tanh or softmax where ReLU should be.",
        "learns",
    ),
    "diverged": (
        "The loss of the network grew without bound, or became not-a-number, on one small batch.",
        "Look for exp, division, log, or large factors in forward.",
        "learns",
    ),
    "below-accuracy": (
        "Trained by the handout's recipe, the network stays below what the reference reaches, its spread included.",
        "Fix the findings of the other checks first; then compare the network with the handout's table.",
        "accuracy",
    ),
}
