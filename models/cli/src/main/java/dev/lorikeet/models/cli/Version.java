package dev.lorikeet.models.cli;

import picocli.CommandLine.IVersionProvider;

/// What `--version` prints: this build, and the Java that runs it.
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String build = Main.class.getPackage().getImplementationVersion();
        return new String[] {
            "lorikeet " + (build == null ? "(classes without a jar)" : build),
            "Java " + Runtime.version() + ", " + System.getProperty("os.name") + " " + System.getProperty("os.arch")
        };
    }
}
