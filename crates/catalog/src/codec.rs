//! How a descriptor is kept: JSON with a version, so that a later release reads an older one's catalog and a person can read both.
