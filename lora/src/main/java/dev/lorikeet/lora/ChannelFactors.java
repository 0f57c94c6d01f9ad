package dev.lorikeet.lora;

import dev.lorikeet.autograd.op.WeightOrder;

/// Factors of the output channels of a merged weight.
///
/// @param values one per channel, or null: all 1
/// @param cols   columns of the weight
/// @param ofRows whether rows are output channels
record ChannelFactors(double[] values, int cols, boolean ofRows) {
    static ChannelFactors ones() {
        return new ChannelFactors(null, 0, false);
    }

    /// `m/‖base + delta‖`, the norms summed in double; 0 for a channel of zeros.
    static ChannelFactors normalising(
            StoredTensor magnitude, StoredTensor base, StoredTensor delta, WeightOrder order) {
        double[] values = new double[Math.toIntExact(magnitude.shape().size())];
        ChannelFactors factors = new ChannelFactors(values, base.shape().cols(), order == WeightOrder.OUT_IN);
        for (long i = 0; i < base.shape().size(); i++) {
            double sum = base.get(i) + delta.get(i);
            values[factors.channel(i)] += sum * sum;
        }
        for (int j = 0; j < values.length; j++) {
            values[j] = values[j] == 0 ? 0 : magnitude.get(j) / Math.sqrt(values[j]);
        }
        return factors;
    }

    /// The factor of element `i` of the flattened weight.
    double of(long i) {
        return values == null ? 1 : values[channel(i)];
    }

    private int channel(long i) {
        return (int) (ofRows ? i / cols : i % cols);
    }
}
