// Node perturbation of a linear student by hand: the loop that a program is measured against.
// Same task draws as the program (keyed.h), perturbations by the standard library.
// Arguments: individuals, inputs, outputs, trials; prints the summed loss.
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "keyed.h"

int main(int argc, char** argv) {
    if (argc != 5) return 2;
    const int individuals = atoi(argv[1]), N = atoi(argv[2]), M = atoi(argv[3]), trials = atoi(argv[4]);
    const double eta = 1e-4, sigma = 0.1;
    std::mt19937_64 generator(1);
    std::normal_distribution<double> gauss;
    std::vector<double> w((size_t)individuals * N * M), teacher(w.size());
    std::vector<double> x(N), y(M), target(M), xi(M);
    for (double& value : w) value = gauss(generator) / std::sqrt((double)N);
    for (double& value : teacher) value = gauss(generator);
    double total = 0;
    for (int trial = 0; trial < trials; trial++) {
        for (int individual = 0; individual < individuals; individual++) {
            double* W = &w[(size_t)individual * N * M];
            const double* T = &teacher[(size_t)individual * N * M];
            for (int j = 0; j < N; j++) x[j] = hedon_keyed_normal(0, 0, individual, trial, j);
            for (int k = 0; k < M; k++) y[k] = target[k] = 0;
            for (int j = 0; j < N; j++)
                for (int k = 0; k < M; k++) {
                    y[k] += W[j * M + k] * x[j];
                    target[k] += T[j * M + k] * x[j];
                }
            double clean = 0, perturbed = 0;
            for (int k = 0; k < M; k++) {
                target[k] += 0.0 * hedon_keyed_normal(0, 2, individual, trial, k);
                xi[k] = sigma * gauss(generator);
                clean += 0.5 * (y[k] - target[k]) * (y[k] - target[k]);
                perturbed += 0.5 * (y[k] + xi[k] - target[k]) * (y[k] + xi[k] - target[k]);
            }
            const double gain = eta / (sigma * sigma) * (clean - perturbed);
            for (int k = 0; k < M; k++) xi[k] *= gain;
            for (int j = 0; j < N; j++)
                for (int k = 0; k < M; k++) W[j * M + k] += xi[k] * x[j];
            total += clean;
        }
    }
    std::printf("%.17g\n", total);
}
