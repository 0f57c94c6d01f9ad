package dev.lorikeet.lora;

import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.WeightOrder;

/// A place in a model where an update can go.
///
/// @param path   the projection
/// @param in     number of its inputs
/// @param out    number of its outputs
/// @param weight the base's weight, stored in `order`
record Site(String path, int in, int out, Weight weight, WeightOrder order) {}
