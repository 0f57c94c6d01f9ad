/// What this machine can do at most, measured beside everything else: multiply-adds per second from registers, bytes
/// per second from memory. Kernels are judged against these ceilings, not against a data sheet.
///
/// The loops are as plain as loops get; a kernel that beats one of them (a product whose operands stay in a cache beats
/// `read`) works under another limit. [CeilingSuite] compares them with each other.
package dev.lorikeet.bench.ceilings;
