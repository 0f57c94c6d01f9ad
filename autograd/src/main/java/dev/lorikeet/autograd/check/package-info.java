/// The proof that backward is the derivative of forward: finite differences, as a tool for whoever adds an op, a layer
/// or a model.
///
/// [GradCheck] compares each element of each weight's gradient with a difference quotient of the function itself, and
/// runs the function on [PoisonedBackend] memory, so that an op that reads what nobody has written is found as well. It
/// is a public tool and not a test class: a model in another module, or in another project, checks itself with three
/// lines.
///
/// Read next: `dev.lorikeet.autograd.graph`, which draws what a tape has recorded; then `dev.lorikeet.nn`.
package dev.lorikeet.autograd.check;
