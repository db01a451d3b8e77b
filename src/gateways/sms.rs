//! Texts: templates as data, and a gateway that is a folder.
