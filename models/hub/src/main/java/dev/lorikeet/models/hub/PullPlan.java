package dev.lorikeet.models.hub;

import java.util.List;

/// What a pull will have in the cache when it is done.
///
/// @param name     the repository
/// @param revision what was asked for
/// @param commit   what it stands for now
/// @param files    all files of it that are wanted
public record PullPlan(HubName name, Revision revision, String commit, List<PlannedFile> files) {
    /// A file, and how much of it is here already.
    ///
    /// @param file    the file
    /// @param present bytes of it that are in the cache
    public record PlannedFile(RemoteFile file, long present) {
        /// Whether all of it is in the cache.
        public boolean isHere() {
            return present == file.size();
        }
    }

    /// Bytes of all files.
    public long size() {
        return files.stream().mapToLong(planned -> planned.file().size()).sum();
    }

    /// Bytes of the files that are not here as a whole.
    public long toFetch() {
        return files.stream().filter(planned -> !planned.isHere()).mapToLong(planned -> planned.file().size()).sum();
    }

    /// Bytes that are still to come.
    public long missing() {
        return files.stream().mapToLong(planned -> planned.file().size() - planned.present()).sum();
    }
}
