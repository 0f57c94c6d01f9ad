/// Looking inside of a forward pass: hidden states, keys and values, attention probabilities.
///
/// Training and generation never hold attention probabilities; [InspectedAttention] computes them step by step, for
/// any model. An [Inspection] is what a model shows of itself that way.
package dev.lorikeet.models.inspect;
