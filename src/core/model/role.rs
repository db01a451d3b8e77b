//! What people are (角色) and what each role may do.

/// A role. One person has one; maker and checker are two people, whatever their roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// 柜员: enrols and changes agreements.
    Teller,
    /// 复核: releases what tellers entered.
    Supervisor,
    /// 财务: reconciles, works the breaks, closes the day.
    Finance,
    /// 运维: watches the night, acts on alarms.
    Operator,
    /// 审计: reads everything, changes nothing.
    Auditor,
    /// 管理员: people and their roles; neither agreements nor money.
    Administrator,
}

/// What a page or an act needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Right {
    /// To see agreements, accounts and debits, masked.
    SeeAgreements,
    /// To propose a new agreement or a change of one.
    Enrol,
    /// To approve what a teller entered.
    ReleaseAgreements,
    /// To see files, settlement and breaks.
    SeeMoney,
    /// To propose or approve about money: breaks, files, debits.
    ResolveMoney,
    /// To see runs, doors and their state.
    SeeRuns,
    /// To run a job, to pause a bank.
    Operate,
    /// To see the people.
    SeePeople,
    /// To propose or approve people and their roles.
    ManagePeople,
    /// To read the audit chain.
    SeeAudit,
}

impl Role {
    /// All, in the order of the counter.
    pub const ALL: [Role; 6] =
        [Role::Teller, Role::Supervisor, Role::Finance, Role::Operator, Role::Auditor, Role::Administrator];

    /// The word in tables.
    pub const fn word(self) -> &'static str {
        match self {
            Role::Teller => "teller",
            Role::Supervisor => "supervisor",
            Role::Finance => "finance",
            Role::Operator => "operator",
            Role::Auditor => "auditor",
            Role::Administrator => "administrator",
        }
    }

    /// What people read.
    pub const fn zh(self) -> &'static str {
        match self {
            Role::Teller => "柜员",
            Role::Supervisor => "复核",
            Role::Finance => "财务",
            Role::Operator => "运维",
            Role::Auditor => "审计",
            Role::Administrator => "管理员",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.word() == word)
    }

    /// Whether the role has a right. Nobody both enters people and touches money or agreements.
    pub const fn may(self, right: Right) -> bool {
        use Right::*;
        match self {
            Role::Teller => matches!(right, SeeAgreements | Enrol),
            Role::Supervisor => matches!(right, SeeAgreements | Enrol | ReleaseAgreements | SeeMoney | ResolveMoney),
            Role::Finance => matches!(right, SeeAgreements | SeeMoney | ResolveMoney | SeeRuns),
            Role::Operator => matches!(right, SeeAgreements | SeeMoney | ResolveMoney | SeeRuns | Operate),
            Role::Auditor => {
                matches!(right, SeeAgreements | SeeMoney | SeeRuns | SeePeople | SeeAudit)
            }
            Role::Administrator => matches!(right, SeePeople | ManagePeople | SeeRuns),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for role in Role::ALL {
            assert_eq!(Role::from_word(role.word()), Some(role));
        }
        assert_eq!(Role::from_word("boss"), None);
    }

    #[test]
    fn an_auditor_changes_nothing_and_an_administrator_sees_no_agreement() {
        let changes =
            [Right::Enrol, Right::ReleaseAgreements, Right::ResolveMoney, Right::Operate, Right::ManagePeople];
        assert!(changes.iter().all(|right| !Role::Auditor.may(*right)));
        assert!(!Role::Administrator.may(Right::SeeAgreements) && !Role::Administrator.may(Right::ResolveMoney));
        assert!(!Role::Teller.may(Right::ReleaseAgreements) && !Role::Finance.may(Right::Enrol));
    }
}
