//! Orders.

use sqlx::FromRow;

use super::{Member, Session, Store, StoreError};

/// An order.
#[derive(Clone, Debug, FromRow)]
pub struct Order {
    pub number: String,
    /// Slugs and quantities, as JSON.
    pub lines: String,
    pub total_won: i64,
    /// Empty once the person has left.
    pub recipient: Option<String>,
    pub address: Option<String>,
    pub placed_at: i64,
}

impl Order {
    /// Slugs and quantities.
    #[must_use]
    pub fn lines(&self) -> Vec<(String, u32)> {
        serde_json::from_str(&self.lines).unwrap_or_default()
    }
}

/// To whom an order goes.
pub struct Delivery<'a> {
    pub recipient: &'a str,
    pub phone: &'a str,
    pub address: &'a str,
}

impl Store {
    /// Turns the basket into an order. False where the basket is not the one that was read: another
    /// press of the button has ordered it.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn place_order(
        &self,
        session: &Session,
        member: &Member,
        delivery: Delivery<'_>,
        order: &Order,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let lines = "SELECT slug, quantity FROM basket WHERE session = ? ORDER BY rowid";
        let lines: Vec<(String, u32)> =
            sqlx::query_as(lines).bind(&session.id).fetch_all(&mut *transaction).await?;
        if lines.is_empty() || lines != order.lines() {
            return Ok(false);
        }
        let insert = "INSERT INTO orders (number, member, session, lines, total_won, recipient,
                                          phone, address, placed_at)
                      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
        sqlx::query(insert)
            .bind(&order.number)
            .bind(member.id)
            .bind(&session.id)
            .bind(&order.lines)
            .bind(order.total_won)
            .bind(delivery.recipient)
            .bind(delivery.phone)
            .bind(delivery.address)
            .bind(order.placed_at)
            .execute(&mut *transaction)
            .await?;
        let empty = "DELETE FROM basket WHERE session = ?";
        sqlx::query(empty).bind(&session.id).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The orders of a member, newest first.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn orders(&self, member: &Member) -> Result<Vec<Order>, StoreError> {
        let orders = "SELECT number, lines, total_won, recipient, address, placed_at
                      FROM orders WHERE member = ? ORDER BY placed_at DESC, rowid DESC";
        Ok(sqlx::query_as(orders).bind(member.id).fetch_all(&self.pool).await?)
    }

    /// An order of a member.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn order(&self, member: &Member, number: &str) -> Result<Option<Order>, StoreError> {
        let orders = self.orders(member).await?;
        Ok(orders.into_iter().find(|order| order.number == number))
    }

    /// What this session ordered within the last minute: the order of a first press.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn order_just_placed(
        &self,
        session: &Session,
        now: i64,
    ) -> Result<Option<String>, StoreError> {
        let number = "SELECT number FROM orders WHERE session = ? AND placed_at > ?
                      ORDER BY placed_at DESC, rowid DESC";
        let number = sqlx::query_scalar(number).bind(&session.id).bind(now - 60);
        Ok(number.fetch_optional(&self.pool).await?)
    }
}
