// A recurrent network that lives in episodes of a bandit, by hand: the loop that the program is measured
// against. Same draws (keyed.h), same order of a step, one lane, held +-1 perturbations.
// Arguments: individuals, units, trials, episodes; prints the summed reward.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "keyed.h"

enum { WORLD = 40, PAY = 41, ACTION = 42, NOISE = 43, WEIGHTS = 44, LEAK = 45, ACTIONS = 2, INPUTS = 4 };

struct Network {
    std::vector<double> U, W, O, V, eU, eW, eO, eV, leak, u, z, before, s;
    double base = 0;
};

int main(int argc, char** argv) {
    if (argc != 5) return 2;
    const int individuals = atoi(argv[1]), N = atoi(argv[2]), trials = atoi(argv[3]), episodes = atoi(argv[4]);
    const double eta = 0.01, eta_value = 0.001, eta_units = 1e-4, sigma = 0.1, gamma = 0.9, lambda = 0.5;
    std::vector<Network> nets(individuals);
    for (int one = 0; one < individuals; one++) {
        Network& n = nets[one];
        for (auto* v : {&n.U, &n.eU}) v->assign(INPUTS * N, 0);
        for (auto* v : {&n.W, &n.eW}) v->assign(N * N, 0);
        for (auto* v : {&n.O, &n.eO}) v->assign(N * ACTIONS, 0);
        for (auto* v : {&n.V, &n.eV, &n.leak, &n.u, &n.z, &n.before, &n.s}) v->assign(N, 0);
        for (int k = 0; k < INPUTS * N; k++) n.U[k] = hedon_keyed_normal(0, WEIGHTS, one, 0, k);
        for (int k = 0; k < N * N; k++) n.W[k] = hedon_keyed_normal(0, WEIGHTS, one, 1, k) / std::sqrt((double)N);
        for (int k = 0; k < N; k++) n.leak[k] = 0.1 * std::pow(10.0, hedon_keyed_uniform(0, LEAK, one, 0, k));
    }
    double total = 0;
    std::vector<double> drive(N);
    for (int episode = 0; episode < episodes; episode++)
        for (int one = 0; one < individuals; one++) {
            Network& n = nets[one];
            const double first = hedon_keyed_uniform(0, WORLD, one, episode, 0);
            int did = -1;
            double paid = 0, value_before = n.base, reward_before = 0;
            for (int i = 0; i < N; i++) {
                n.s[i] = hedon_keyed_uniform(0, NOISE, one, episode, i) < 0.5 ? -1 : 1;
                n.u[i] = n.z[i] = 0;
            }
            for (int step = 0; step < trials; step++) {
                const double x[INPUTS] = {double(did == 0), double(did == 1), paid, 1};
                for (int i = 0; i < N; i++) drive[i] = sigma * n.s[i];
                for (int k = 0; k < INPUTS; k++)
                    for (int i = 0; i < N; i++) drive[i] += n.U[k * N + i] * x[k];
                for (int j = 0; j < N; j++)
                    for (int i = 0; i < N; i++) drive[i] += n.W[j * N + i] * n.z[j];
                n.before = n.z;
                double value = 0, out[ACTIONS] = {0, 0};
                for (int i = 0; i < N; i++) {
                    n.u[i] += n.leak[i] * (drive[i] - n.u[i]);
                    n.z[i] = std::tanh(n.u[i]);
                    value += n.V[i] * n.z[i];
                    for (int a = 0; a < ACTIONS; a++) out[a] += n.O[i * ACTIONS + a] * n.z[i];
                }
                const double p = 1 / (1 + std::exp(out[1] - out[0]));
                const int action = hedon_keyed_uniform(0, ACTION, one, episode, step) >= p;
                const double chance = action ? 1 - first : first;
                const double reward = hedon_keyed_uniform(0, PAY, one, episode, 2 * step + action) < chance;
                const double early = reward_before + gamma * value - value_before, delta = step ? early : 0;
                const double last = step == trials - 1 ? reward - value : 0;
                const double keep = step ? gamma * lambda : 0;
                const double rate = eta_units / sigma * (early + gamma * lambda * last);
                for (int k = 0; k < INPUTS; k++)
                    for (int i = 0; i < N; i++) {
                        double &e = n.eU[k * N + i];
                        e = keep * e + n.s[i] * x[k];
                        n.U[k * N + i] += rate * e;
                    }
                for (int j = 0; j < N; j++)
                    for (int i = 0; i < N; i++) {
                        double &e = n.eW[j * N + i];
                        e = keep * e + n.s[i] * n.before[j];
                        n.W[j * N + i] += rate * e;
                    }
                const double score[ACTIONS] = {(action == 0) - p, (action == 1) - (1 - p)};
                for (int i = 0; i < N; i++) {
                    for (int a = 0; a < ACTIONS; a++) {
                        double &e = n.eO[i * ACTIONS + a], old = e;
                        e = keep * old + score[a] * n.z[i];
                        n.O[i * ACTIONS + a] += eta * (delta * old + last * e);
                    }
                    double &e = n.eV[i], old = e;
                    e = keep * old + n.z[i];
                    n.V[i] += eta_value * (delta * old + last * e);
                }
                if (!step) n.base += eta_value * early;
                did = action, paid = reward, value_before = value, reward_before = reward;
                total += reward;
            }
        }
    std::printf("%.17g\n", total);
}
