//! Step: credits to the meters.
