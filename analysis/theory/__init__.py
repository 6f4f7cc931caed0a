"""Closed forms for the learning rules: what they must do, as numbers.

``smoothing`` mean updates at finite perturbation size; ``moments`` second moments and baselines;
``cosine`` angle between estimate and gradient; ``linear_online`` learning curves of a linear
layer; ``hidden_layer`` two layers, mean field and weight diffusion; ``temporal`` tasks of many
time bins; ``precision`` what floating point leaves of a small perturbation; ``online`` eligibility
traces, spikes, critics. Every function is checked by an independent Monte Carlo in the tests.

Throughout: x inputs, e = y - y* prediction minus target, E = |e|^2 / 2, g = dE/d(preactivation);
perturbations have standard deviation sigma and updates carry eta / sigma^2,

    dW = -(eta / sigma^2) (E_perturbed - E) xi x^T      (node perturbation, "np")
    dW = -(eta / sigma^2) (E_perturbed - E) Xi          (weight perturbation, "wp")
    dW = -eta e x^T                                     (gradient descent, "sgd")

so that halving sigma leaves the mean update alone.
"""
