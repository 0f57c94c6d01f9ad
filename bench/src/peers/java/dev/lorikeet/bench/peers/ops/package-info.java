/// libtorch's single operators on our memory, through JavaCPP.
package dev.lorikeet.bench.peers.ops;
