//! Two people who resolve what the engine cannot.

use sha2::{Digest, Sha256};
use yichong::jobs::JobError;
use yichong::jobs::resolve::{self, Proposal, Shown};
use yichong::store::people::{self, PersonRow};

use super::site::Site;
use super::texts;

impl Site {
    /// 甲 and 乙 of finance, with tokens.
    pub async fn staff(&self) {
        let mut tx = self.app.db.write().await.unwrap();
        for name in ["甲", "乙"] {
            let token_hash = hex::encode(Sha256::digest(format!("token {name}")));
            let person = PersonRow { name: name.into(), role: "finance".into(), token_hash, active: true };
            assert!(people::add(&mut tx, &person).await.unwrap());
        }
        tx.commit().await.unwrap();
    }

    /// 甲 proposes.
    pub async fn proposed(&self, object: &str, action: &str) -> Result<Shown, JobError> {
        let (by, token) = ("甲".to_owned(), "token 甲".to_owned());
        let reason = "已电话核实".to_owned();
        let proposal = Proposal { object: object.into(), action: action.into(), reason, by, token };
        resolve::propose(&self.app, &proposal).await
    }

    /// 甲 proposes and 乙 approves what was shown.
    pub async fn two(&self, object: &str, action: &str) {
        let shown = self.proposed(object, action).await.unwrap();
        resolve::approve(&self.app, object, &shown.hash, "乙", "token 乙").await.unwrap();
    }

    /// The object of the one break of a kind.
    pub async fn break_of(&self, kind: &str) -> String {
        let sql = format!(
            "SELECT 'break:' || kind || ':' || CAST(account AS TEXT) || ':' || CAST(ref AS TEXT) FROM break_item
            WHERE kind = '{kind}' AND state = 'open'"
        );
        let mut found = texts(&self.app.db, &sql).await;
        assert_eq!(found.len(), 1, "{kind}: {found:?}");
        found.remove(0)
    }
}
