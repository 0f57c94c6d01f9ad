package dev.lorikeet.models.train;

/// What one optimizer step did.
///
/// @param step     number of steps made, this one included
/// @param loss     mean negative log-likelihood per labelled token, in nats
/// @param lr       learning rate used
/// @param gradNorm global norm of the gradients before clipping
/// @param tokens   tokens that went through the model
/// @param labelled tokens that were predicted
/// @param seconds  duration
public record StepResult(long step, double loss, double lr, double gradNorm, long tokens, long labelled,
        double seconds) {}
