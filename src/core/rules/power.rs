//! Whether the power comes back after a credit (design §1.10).

use crate::model::money::Fen;

/// What is known of a meter's switch and the account behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Power {
    /// The power is cut, for lack of money.
    pub cut_for_money: bool,
    /// A hold stands: a person, a safety lock, a protected customer.
    pub hold: bool,
    /// The balance after the credit, fen.
    pub balance: Fen,
    /// The power comes back only above this, fen (site setting, default 0).
    pub cut_limit: Fen,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reclose {
    /// Nothing to do: the power is on, or cut for another reason, or held.
    Nothing,
    /// Send the command.
    Order,
    /// The balance is still too low: tell how much is missing, fen.
    Missing(Fen),
}

/// Decides; asked again when the command is sent, because a hold may have come meanwhile.
pub const fn reclose(power: &Power) -> Reclose {
    if !power.cut_for_money || power.hold {
        Reclose::Nothing
    } else if power.balance.0 > power.cut_limit.0 {
        Reclose::Order
    } else {
        Reclose::Missing(Fen(power.cut_limit.0 - power.balance.0 + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_power_comes_back_only_above_the_limit_and_without_a_hold() {
        let cut = Power { cut_for_money: true, hold: false, balance: Fen(1), cut_limit: Fen(0) };
        assert_eq!(reclose(&cut), Reclose::Order);
        assert_eq!(reclose(&Power { balance: Fen(0), ..cut }), Reclose::Missing(Fen(1)));
        assert_eq!(reclose(&Power { balance: Fen(-350), ..cut }), Reclose::Missing(Fen(351)));
        assert_eq!(reclose(&Power { hold: true, ..cut }), Reclose::Nothing);
        assert_eq!(reclose(&Power { cut_for_money: false, ..cut }), Reclose::Nothing);
    }
}
