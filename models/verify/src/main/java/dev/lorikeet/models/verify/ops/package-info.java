/// Golden cases of single operations, as PyTorch names them.
///
/// [OpsCase] finds for each of them a recipe, which says with which ops of `dev.lorikeet.autograd.op` the same thing is
/// computed: [Algebra] has what those recipes share, [PythonSlice] the meaning of an index expression. [OpRun] computes
/// result and gradients and compares.
///
/// Read before: `dev.lorikeet.models.verify.golden`.
package dev.lorikeet.models.verify.ops;
