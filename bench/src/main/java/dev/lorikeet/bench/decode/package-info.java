/// Generating text with real model sizes and random weights: the pass over a prompt, and tokens per second after it.
package dev.lorikeet.bench.decode;
