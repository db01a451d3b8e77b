//! Figures of a day for certificate, report and demo.
