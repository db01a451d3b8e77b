//! Step: inside the stop limits released, outside held.
