"""Closed forms for the learning rules: what they must do, as numbers.

``smoothing`` mean updates at finite perturbation size; ``moments`` second moments and baselines;
``cosine`` angle between estimate and gradient; ``linear_online`` learning curves of a linear
layer; ``hidden_layer`` two layers, mean field and weight diffusion; ``temporal`` tasks of many
time bins; ``precision`` what floating point leaves of a small perturbation; ``online`` eligibility
traces, spikes, critics; ``firing`` rates and read-outs of spiking neurons; ``dopamine_synapse`` weight
changes of reward-modulated STDP, event by event; ``agents`` what a signal that neurons share leaves each to
learn from; ``expectiles`` and ``weighed_values`` what asymmetric
and weighed learners converge to; ``discounts`` what is known of times by
learners with several, ``forecasts`` what values forecast best together; ``volume`` who shares what
spreads and is cleared. Every function is checked by an independent Monte Carlo in the tests.

What the simulations are held against:

    mean update does not depend on sigma                    tests/models/test_single_trials.py
    a signal that G agents share: 1/sqrt(G + 1), G + 2      tests/analysis/test_theory_agents.py
    expectiles and discounts in spikes                      tests/models/test_predicting_neurons.py
    values that forecast together rest at quantiles         tests/models/test_predicting_neurons.py
    a mixture is as noisy as a broadcast to G               tests/analysis/test_theory_volume.py
    contraction and noise of one trial                      tests/models/test_single_trials.py
    learning curve of a linear layer, to its floor          tests/analysis/test_theory_linear_online.py
    second moments of one update: M + 2, MN + 2             tests/models/test_single_trials.py
    angle between estimate and gradient                     tests/analysis/test_theory_cosine.py
    bias at finite sigma, to reversal                       tests/analysis/test_theory_smoothing.py
    presynaptic factor clean or perturbed                   tests/models/test_single_trials.py
    baselines of a one-pass rule, the best one included     tests/models/test_single_trials.py
    a running mean must not hold the current trial          tests/models/test_single_trials.py
    silent inputs: still under NP, diffusing under WP       tests/models/test_single_trials.py
    noise of an update over the length of a trial           tests/analysis/test_theory_temporal.py
    diffusion of weights at the optimum                     tests/models/test_single_trials.py
    unbounded growth of a hidden layer under NP             tests/analysis/test_theory_hidden_layer.py
    a late scalar and what is left of an eligibility        tests/models/test_rules_in_time.py
    the score of escape noise is a martingale               tests/models/test_spiking_gradient.py
    a pairing of spikes, then dopamine                      tests/models/test_dopamine_synapse.py
    shot noise of a spiking critic                          tests/models/test_dopamine.py
    where the slope of a value is read                      tests/models/test_dopamine.py
    Euler's noise is too large                              tests/models/test_spiking_rules.py
    a sigma that the precision loses                        tests/models/test_single_trials.py

Throughout: x inputs, e = y - y* prediction minus target, E = |e|^2 / 2, g = dE/d(preactivation);
perturbations have standard deviation sigma and updates carry eta / sigma^2,

    dW = -(eta / sigma^2) (E_perturbed - E) xi x^T      (node perturbation, "np")
    dW = -(eta / sigma^2) (E_perturbed - E) Xi          (weight perturbation, "wp")
    dW = -eta e x^T                                     (gradient descent, "sgd")

so that halving sigma leaves the mean update alone.
"""
