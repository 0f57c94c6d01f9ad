/// Benchmarks: everything that this project claims about speed and memory, each measurement with a test that it
/// computes the right thing. `bench/README.md` tells how to run them.
///
/// Two words run through all chapters: a *contender* does the work that is measured; a *peer* is another library
/// (libtorch, MKL, PyTorch) that brings contenders of its own.
///
/// 1. `compare`: how contenders are measured in turns, and what is quoted
/// 2. `ceilings`: what the machine can do at most
/// 3. `kernels`: single kernels and products, in the shapes of training and decoding
/// 4. `ops`: the same as ops on a tape
/// 5. `steps`: whole training steps; 6. `decode`: generating text
/// 7. `memory`: the peak of a step, and what the ledger predicts; 8. `process`: children that are measured alone
/// 9. `report`: from results to a page with pictures
/// 10. `gpu`: the unattended suite for a machine with a GPU, whose peer is PyTorch
/// 11. `cli`: the commands behind `bench/run`
package dev.lorikeet.bench;
