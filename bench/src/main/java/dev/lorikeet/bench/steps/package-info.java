/// Whole training steps of real model sizes with random weights: time, tokens per second, and every byte by category.
package dev.lorikeet.bench.steps;
