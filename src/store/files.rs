//! Files that came in: the unit of once is (bank, sha256).
