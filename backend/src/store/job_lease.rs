//! Who does the work that one server of a database does for all: a row for each job, with its holder.

use super::{
    Error, Store,
    engine::{query, query_as},
};

/// Work that one server at a time does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Job {
    /// Adding receipts to their log.
    Sealing,
    /// Ending, announcing and deleting by the clock.
    Maintenance,
}

impl Job {
    pub const ALL: [Self; 2] = [Self::Sealing, Self::Maintenance];

    fn name(self) -> &'static str {
        match self {
            Self::Sealing => "sealing",
            Self::Maintenance => "maintenance",
        }
    }
}

/// A lease as it is in the database.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Lease {
    pub holder: String,
    /// Counts up while the holder is there.
    pub renewals: i64,
}

impl Store {
    /// The lease of a job; none when no server has it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn job_lease(&self, job: Job) -> Result<Option<Lease>, Error> {
        let job = job.name();
        query_as!(Lease, "SELECT holder, renewals FROM job_leases WHERE job = ?", job)
            .fetch_optional(&self.readers)
            .await
    }

    /// Renews the lease that a server has. False when it has none any more.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn renew_job(&self, job: Job, holder: &str) -> Result<bool, Error> {
        let job = job.name();
        let done = query!(
            "UPDATE job_leases SET renewals = renewals + 1 WHERE job = ? AND holder = ?",
            job,
            holder,
        )
        .execute(&self.writer)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Takes a lease, in the place of one that has ended. False when the row is not as it was: another server
    /// was there first, or the holder has renewed it.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn take_job(
        &self,
        job: Job,
        holder: &str,
        ended: Option<&Lease>,
    ) -> Result<bool, Error> {
        let job = job.name();
        let done = match ended {
            None => {
                query!(
                    "INSERT INTO job_leases (job, holder, renewals) VALUES (?, ?, 1)
                     ON CONFLICT (job) DO NOTHING",
                    job,
                    holder,
                )
                .execute(&self.writer)
                .await?
            }
            Some(ended) => {
                query!(
                    "UPDATE job_leases SET holder = ?, renewals = renewals + 1
                     WHERE job = ? AND holder = ? AND renewals = ?",
                    holder,
                    job,
                    ended.holder,
                    ended.renewals,
                )
                .execute(&self.writer)
                .await?
            }
        };
        Ok(done.rows_affected() > 0)
    }

    /// Gives a lease back, if this server has it.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn release_job(&self, job: Job, holder: &str) -> Result<(), Error> {
        let job = job.name();
        query!("DELETE FROM job_leases WHERE job = ? AND holder = ?", job, holder)
            .execute(&self.writer)
            .await
            .map(drop)
    }
}
