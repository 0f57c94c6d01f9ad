/// The peers: what others can do with the same processor, compared with ours in one process.
///
/// Compiled only by Maven's profile `peers` (`bench/run` chooses it), because it needs some 300 MB of native libraries.
/// A suite announces itself in `src/peers/resources/META-INF/services/dev.lorikeet.bench.compare.Suite`.
package dev.lorikeet.bench.peers;
