// Cross-entropy with label smoothing e over rows of V logits z with label t:
//
// lse = ln sum exp z        nll = lse - (1 - e)*z[t] - e*sum(z)/V
// dnll/dz[j] = exp(z[j] - lse) - (1 - e)*[j = t] - e/V
//
// One block for a row. Arithmetic intensity: an exponential and 2 FLOP per 4 bytes. Bytes that must move: 4 per logit
// forward, 8 where the logits of a chunk are turned into their gradients in place; a row of 50257 logits is 196 KB, so
// its second pass finds it in the second cache.
#include "common.cuh"

struct LogSum {
    float lse;
    float sum;                                                               // of the logits themselves
};

// In every thread of the block: ln sum exp and the sum of a row. The largest so far is taken out while the row is read.
__device__ inline LogSum log_sum(const float* z, int V) {
    float largest = -INFINITE;
    float scaled = 0;
    float sum = 0;
    for (int j = threadIdx.x; j < V; j += blockDim.x) {
        float x = z[j];
        sum += x;
        if (x > largest) {
            scaled = scaled * expf(largest - x) + 1;
            largest = x;
        } else if (x != -INFINITE) {
            scaled += expf(x - largest);
        }
    }
    float all = block_max(largest);
    scaled = block_sum(largest == -INFINITE ? scaled : scaled * expf(largest - all));
    LogSum result;
    result.lse = all + logf(scaled);
    result.sum = block_sum(sum);
    return result;
}

// What the slope takes off a probability. Both come from the host, which adds (1 - e) and e/V in double: with one class
// their sum must be 1, or a gradient of rounding errors is left.
struct Target {
    float label;                                                             // (1 - e) + e/V
    float other;                                                             // e/V
};

__device__ inline float slope(float z, float lse, bool is_label, Target target) {
    return expf(z - lse) - (is_label ? target.label : target.other);
}

// nll[i], lse[i] of given logits; 0 and 0 for rows with a negative label, which are not looked at.
extern "C" __global__ void cross_entropy(float* nll, float* lse, Inputs logits, const int* labels, float smoothing) {
    for (index_t i = blockIdx.x; i < logits.rows; i += gridDim.x) {
        int label = labels[i];
        LogSum row = {0, 0};
        float loss = 0;
        if (label >= 0) {
            row = log_sum(logits.row(i), logits.cols);
            loss = (1 - smoothing) * (row.lse - logits.row(i)[label]) + smoothing * (row.lse - row.sum / logits.cols);
        }
        if (threadIdx.x == 0) {
            nll[i] = loss;
            lse[i] = row.lse;
        }
    }
}

// dlogits <- beta*dlogits + dnll[i]*slope. lse was rounded, which shows where it is large: what its rounding lost is
// found by summing the exponentials again.
extern "C" __global__ void cross_entropy_backward(Rows dlogits, const float* dnll, Inputs logits, const float* lse,
        const int* labels, Target target, float beta) {
    int V = logits.cols;
    for (index_t i = blockIdx.x; i < logits.rows; i += gridDim.x) {
        int label = labels[i];
        const float* z = logits.row(i);
        float rough = label < 0 ? 0 : lse[i];
        float sum = 0;
        for (int j = threadIdx.x; j < V && label >= 0; j += blockDim.x) {
            sum += expf(z[j] - rough);
        }
        float inverse = 1 / block_sum(sum);
        float* out = dlogits.row(i);
        for (int j = threadIdx.x; j < V; j += blockDim.x) {
            float d = 0;
            if (label >= 0) {
                d = dnll[i] * (expf(z[j] - rough) * inverse - (j == label ? target.label : target.other));
            }
            out[j] = beta == 0 ? d : beta * out[j] + d;
        }
    }
}

// A chunk of the language-model loss: nll and lse as cross_entropy; then, if `gradient`, logits <- scale*slope in
// place, 0 in rows with a negative label.
extern "C" __global__ void loss_chunk(float* nll, float* lse, Rows logits, const int* labels, float smoothing,
        Target target, float scale, int gradient) {
    int V = logits.cols;
    for (index_t i = blockIdx.x; i < logits.rows; i += gridDim.x) {
        int label = labels[i];
        float* z = logits.row(i);
        LogSum row = {0, 0};
        float loss = 0;
        if (label >= 0) {
            row = log_sum(z, V);
            loss = (1 - smoothing) * (row.lse - z[label]) + smoothing * (row.lse - row.sum / V);
        }
        if (threadIdx.x == 0) {
            nll[i] = loss;
            lse[i] = row.lse;
        }
        __syncthreads();                                                     // z[label] has been read
        for (int j = threadIdx.x; j < V && gradient; j += blockDim.x) {
            z[j] = label < 0 ? 0.0f : scale * slope(z[j], row.lse, j == label, target);
        }
    }
}

// The same for the gradient of w, which comes later: logits <- scale*factor*slope in place from the stored lse.
extern "C" __global__ void loss_chunk_slopes(Rows logits, const float* factor, const float* lse, const int* labels,
        Target target, float scale) {
    float by = scale * factor[0];
    int V = logits.cols;
    for (index_t i = blockIdx.x; i < logits.rows; i += gridDim.x) {
        int label = labels[i];
        float* z = logits.row(i);
        for (int j = threadIdx.x; j < V; j += blockDim.x) {
            z[j] = label < 0 ? 0.0f : by * slope(z[j], lse[i], j == label, target);
        }
    }
}
