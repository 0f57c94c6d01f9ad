/// Reverse-mode differentiation: what is recorded, what is saved, in which order gradients accumulate.
///
/// **Frozen is a type, not a flag.** A [Weight] is [Frozen] or [Trainable]; only the latter has a gradient. An op none
/// of whose inputs needs a gradient is not recorded, and a recorded op saves an operand only if another operand's
/// gradient needs it. Below the first adapter of a model the tape is therefore empty. An operand that is cheap to
/// compute from what is kept anyway, such as the result of a layer norm, is computed again instead: [Operand].
///
/// The [Tape] is a list of recorded ops in execution order. [Tape#backward] walks it from the end: no recursion, no
/// topological sort. It also owns the step's memory: [Tape#frame] opens a scope whose temporaries return to the pool at
/// the closing brace unless they were kept or saved, and what was saved returns the moment its op's backward is done.
///
/// This package contains no formula. Read next: `dev.lorikeet.autograd.op`, one record per op with its formula, its
/// forward and its backward; then `dev.lorikeet.autograd.check` for the proof.
package dev.lorikeet.autograd;
