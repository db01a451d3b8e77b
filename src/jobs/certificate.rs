//! Step: the day certificate, chained to the day before.
