/// The command line: every thing that Lorikeet does, from one word in a shell.
///
/// [Main] is the only class outside of the benchmarks that ends the JVM. It answers with exit code 0 when the command
/// did what was asked, 1 when it failed (the reason is one line on standard error) and 2 when the command line was not
/// understood. The `lorikeet` script at the top of the repository finds a JDK, builds what is out of date and starts
/// it.
///
/// Read before: `dev.lorikeet.lora`. Each command is one file that only translates options into calls.
package dev.lorikeet.models.cli;
