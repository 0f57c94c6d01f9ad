package dev.lorikeet.models.hub;

/// A file of a repository, before it is here.
///
/// @param name     its path in the repository
/// @param size     bytes
/// @param checksum what they hash to
public record RemoteFile(String name, long size, Checksum checksum) {}
