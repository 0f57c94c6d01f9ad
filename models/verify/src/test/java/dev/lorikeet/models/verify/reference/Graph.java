package dev.lorikeet.models.verify.reference;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/// Reverse-mode differentiation of matrices, the textbook way: every operation adds what its backward does to a list,
/// which is run from its end.
final class Graph {
    private final List<Runnable> backward = new ArrayList<>();

    /// Adds the gradients of `loss` to `d` of everything that it was computed from.
    void backward(Matrix loss) {
        loss.d()[0] = 1;
        backward.reversed().forEach(Runnable::run);
    }

    /// `a·bᵀ`.
    Matrix productT(Matrix a, Matrix b) {
        Matrix y = Matrix.zeros(a.rows(), b.rows());
        for (int i = 0; i < a.rows(); i++) {
            for (int j = 0; j < b.rows(); j++) {
                double sum = 0;
                for (int k = 0; k < a.cols(); k++) {
                    sum += a.at(i, k) * b.at(j, k);
                }
                y.v()[i * y.cols() + j] = sum;
            }
        }
        backward.add(() -> {
            for (int i = 0; i < a.rows(); i++) {
                for (int j = 0; j < b.rows(); j++) {
                    double dy = y.d()[i * y.cols() + j];
                    for (int k = 0; k < a.cols(); k++) {
                        a.d()[i * a.cols() + k] += dy * b.at(j, k);
                        b.d()[j * b.cols() + k] += dy * a.at(i, k);
                    }
                }
            }
        });
        return y;
    }

    Matrix transposed(Matrix a) {
        Matrix y = Matrix.zeros(a.cols(), a.rows());
        for (int i = 0; i < a.rows(); i++) {
            for (int j = 0; j < a.cols(); j++) {
                y.v()[j * a.rows() + i] = a.at(i, j);
            }
        }
        backward.add(() -> {
            for (int i = 0; i < a.rows(); i++) {
                for (int j = 0; j < a.cols(); j++) {
                    a.d()[i * a.cols() + j] += y.d()[j * a.rows() + i];
                }
            }
        });
        return y;
    }

    Matrix plus(Matrix a, Matrix b) {
        Matrix y = Matrix.zeros(a.rows(), a.cols());
        for (int i = 0; i < y.v().length; i++) {
            y.v()[i] = a.v()[i] + b.v()[i];
        }
        backward.add(() -> {
            for (int i = 0; i < y.v().length; i++) {
                a.d()[i] += y.d()[i];
                b.d()[i] += y.d()[i];
            }
        });
        return y;
    }

    /// `row` added to each row of `a`.
    Matrix plusRow(Matrix a, Matrix row) {
        Matrix y = Matrix.zeros(a.rows(), a.cols());
        for (int i = 0; i < y.v().length; i++) {
            y.v()[i] = a.v()[i] + row.v()[i % a.cols()];
        }
        backward.add(() -> {
            for (int i = 0; i < y.v().length; i++) {
                a.d()[i] += y.d()[i];
                row.d()[i % a.cols()] += y.d()[i];
            }
        });
        return y;
    }

    /// Each row of `a` multiplied by `row`, element by element.
    Matrix timesRow(Matrix a, Matrix row) {
        Matrix y = Matrix.zeros(a.rows(), a.cols());
        for (int i = 0; i < y.v().length; i++) {
            y.v()[i] = a.v()[i] * row.v()[i % a.cols()];
        }
        backward.add(() -> {
            for (int i = 0; i < y.v().length; i++) {
                a.d()[i] += y.d()[i] * row.v()[i % a.cols()];
                row.d()[i % a.cols()] += y.d()[i] * a.v()[i];
            }
        });
        return y;
    }

    /// Element `i` multiplied by a constant of its own.
    Matrix times(Matrix a, double[] factors) {
        Matrix y = Matrix.zeros(a.rows(), a.cols());
        for (int i = 0; i < y.v().length; i++) {
            y.v()[i] = a.v()[i] * factors[i];
        }
        backward.add(() -> {
            for (int i = 0; i < y.v().length; i++) {
                a.d()[i] += y.d()[i] * factors[i];
            }
        });
        return y;
    }

    Matrix scaled(Matrix a, double factor) {
        double[] factors = new double[a.v().length];
        java.util.Arrays.fill(factors, factor);
        return times(a, factors);
    }

    /// `f(a)`, `slope` the derivative of f.
    Matrix map(Matrix a, DoubleUnaryOperator f, DoubleUnaryOperator slope) {
        Matrix y = Matrix.zeros(a.rows(), a.cols());
        for (int i = 0; i < y.v().length; i++) {
            y.v()[i] = f.applyAsDouble(a.v()[i]);
        }
        backward.add(() -> {
            for (int i = 0; i < y.v().length; i++) {
                a.d()[i] += y.d()[i] * slope.applyAsDouble(a.v()[i]);
            }
        });
        return y;
    }

    /// Rows of a table; the row `padding` gets no gradient.
    Matrix rows(Matrix table, int[] ids, int padding) {
        int C = table.cols();
        Matrix y = Matrix.zeros(ids.length, C);
        for (int i = 0; i < ids.length; i++) {
            System.arraycopy(table.v(), ids[i] * C, y.v(), i * C, C);
        }
        backward.add(() -> {
            for (int i = 0; i < ids.length; i++) {
                for (int j = 0; j < C && ids[i] != padding; j++) {
                    table.d()[ids[i] * C + j] += y.d()[i * C + j];
                }
            }
        });
        return y;
    }

    /// The block of `rows × cols` elements at `(row, col)`.
    Matrix block(Matrix a, int row, int col, int rows, int cols) {
        Matrix y = Matrix.zeros(rows, cols);
        for (int i = 0; i < rows; i++) {
            System.arraycopy(a.v(), (row + i) * a.cols() + col, y.v(), i * cols, cols);
        }
        backward.add(() -> {
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < cols; j++) {
                    a.d()[(row + i) * a.cols() + col + j] += y.d()[i * cols + j];
                }
            }
        });
        return y;
    }

    /// A matrix put together of equal blocks, `across` of them side by side.
    Matrix tiled(List<Matrix> blocks, int across) {
        int rows = blocks.getFirst().rows();
        int cols = blocks.getFirst().cols();
        Matrix y = Matrix.zeros(blocks.size() / across * rows, across * cols);
        for (int n = 0; n < blocks.size(); n++) {
            for (int i = 0; i < rows; i++) {
                System.arraycopy(blocks.get(n).v(), i * cols, y.v(), at(n, i, rows, cols, across), cols);
            }
        }
        backward.add(() -> {
            for (int n = 0; n < blocks.size(); n++) {
                for (int i = 0; i < rows * cols; i++) {
                    blocks.get(n).d()[i] += y.d()[at(n, i / cols, rows, cols, across) + i % cols];
                }
            }
        });
        return y;
    }

    private static int at(int block, int row, int rows, int cols, int across) {
        return (block / across * rows + row) * across * cols + block % across * cols;
    }

    /// `(x − mean)/√(variance + eps)·weight + bias` over each row.
    Matrix layerNorm(Matrix x, Matrix weight, Matrix bias, double eps) {
        int C = x.cols();
        double[] rstd = new double[x.rows()];
        Matrix normal = Matrix.zeros(x.rows(), C);
        for (int i = 0; i < x.rows(); i++) {
            double mean = 0;
            double variance = 0;
            for (int j = 0; j < C; j++) {
                mean += x.at(i, j) / C;
            }
            for (int j = 0; j < C; j++) {
                variance += (x.at(i, j) - mean) * (x.at(i, j) - mean) / C;
            }
            rstd[i] = 1 / Math.sqrt(variance + eps);
            for (int j = 0; j < C; j++) {
                normal.v()[i * C + j] = (x.at(i, j) - mean) * rstd[i];
            }
        }
        backward.add(() -> {
            for (int i = 0; i < x.rows(); i++) {
                double sum = 0;
                double dot = 0;
                for (int j = 0; j < C; j++) {
                    sum += normal.d()[i * C + j];
                    dot += normal.d()[i * C + j] * normal.at(i, j);
                }
                for (int j = 0; j < C; j++) {
                    x.d()[i * C + j] += rstd[i] * (normal.d()[i * C + j] - sum / C - normal.at(i, j) * dot / C);
                }
            }
        });
        return plusRow(timesRow(normal, weight), bias);
    }

    /// Softmax over what each row may see; a row that sees nothing becomes 0.
    Matrix softmax(Matrix scores, boolean[][] sees) {
        int n = scores.cols();
        Matrix p = Matrix.zeros(scores.rows(), n);
        for (int i = 0; i < scores.rows(); i++) {
            double largest = Double.NEGATIVE_INFINITY;
            for (int j = 0; j < n; j++) {
                largest = sees[i][j] ? Math.max(largest, scores.at(i, j)) : largest;
            }
            double sum = 0;
            for (int j = 0; j < n; j++) {
                p.v()[i * n + j] = sees[i][j] ? Math.exp(scores.at(i, j) - largest) : 0;
                sum += p.at(i, j);
            }
            for (int j = 0; j < n && sum > 0; j++) {
                p.v()[i * n + j] /= sum;
            }
        }
        backward.add(() -> {
            for (int i = 0; i < scores.rows(); i++) {
                double dot = 0;
                for (int j = 0; j < n; j++) {
                    dot += p.d()[i * n + j] * p.at(i, j);
                }
                for (int j = 0; j < n; j++) {
                    scores.d()[i * n + j] += p.at(i, j) * (p.d()[i * n + j] - dot);
                }
            }
        });
        return p;
    }

    /// Mean of `ln Σ exp z − z[label]` over the rows with a label ≥ 0.
    Matrix crossEntropy(Matrix logits, int[] labels) {
        int V = logits.cols();
        Matrix loss = Matrix.zeros(1, 1);
        double[] lse = new double[labels.length];
        long count = java.util.Arrays.stream(labels).filter(label -> label >= 0).count();
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] >= 0) {
                double largest = Double.NEGATIVE_INFINITY;
                double sum = 0;
                for (int j = 0; j < V; j++) {
                    largest = Math.max(largest, logits.at(i, j));
                }
                for (int j = 0; j < V; j++) {
                    sum += Math.exp(logits.at(i, j) - largest);
                }
                lse[i] = largest + Math.log(sum);
                loss.v()[0] += (lse[i] - logits.at(i, labels[i])) / count;
            }
        }
        backward.add(() -> {
            for (int i = 0; i < labels.length; i++) {
                for (int j = 0; j < V && labels[i] >= 0; j++) {
                    double p = Math.exp(logits.at(i, j) - lse[i]) - (j == labels[i] ? 1 : 0);
                    logits.d()[i * V + j] += loss.d()[0] * p / count;
                }
            }
        });
        return loss;
    }

    /// Mean of `(z − label)²`.
    Matrix meanSquare(Matrix z, double[] labels) {
        Matrix loss = Matrix.zeros(1, 1);
        for (int i = 0; i < labels.length; i++) {
            loss.v()[0] += (z.v()[i] - labels[i]) * (z.v()[i] - labels[i]) / labels.length;
        }
        backward.add(() -> {
            for (int i = 0; i < labels.length; i++) {
                z.d()[i] += loss.d()[0] * 2 * (z.v()[i] - labels[i]) / labels.length;
            }
        });
        return loss;
    }
}
