/// Work in a process of its own: [IsolatedJvm] is how a child JVM is started, [AnswerLines] how a child, be it a JVM or
/// PyTorch, tells its answers among whatever else it prints.
package dev.lorikeet.bench.process;
