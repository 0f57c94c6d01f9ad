package dev.lorikeet.lora;

import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.WeightOrder;

/// A place in a model where an update can go: a projection, or an embedding table, which maps the one-hot vector of an
/// id to a row.
///
/// @param path   the module
/// @param in     number of its inputs; rows of a table
/// @param out    number of its outputs; columns of a table
/// @param weight the base's weight, stored in `order`
/// @param order  `IN_OUT` for a table
/// @param table  whether this is an embedding table
record Site(String path, int in, int out, Weight weight, WeightOrder order, boolean table) {
    static Site projection(String path, int in, int out, Weight weight, WeightOrder order) {
        return new Site(path, in, out, weight, order, false);
    }

    static Site table(String path, Weight weight) {
        return new Site(path, weight.shape().dim(0), weight.shape().dim(1), weight, WeightOrder.IN_OUT, true);
    }
}
