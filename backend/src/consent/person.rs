//! The personal values that one service may have: the account's own, else those that were typed on
//! the screen for an item that was agreed to.

use time::Date;

use super::age;
use crate::{
    config::{Account, AgeRange, Attribute, ShippingAddress},
    store::Grant,
};

/// A value, and who it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known<T> {
    pub value: T,
    /// Whether the account has it. Otherwise the user typed it, and it is not verified.
    pub is_own: bool,
}

impl<T> Known<T> {
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Known<U> {
        Known { value: change(self.value), is_own: self.is_own }
    }
}

/// An account, as one service may know it.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    pub account: &'a Account,
    pub grant: &'a Grant,
}

impl<'a> Person<'a> {
    /// Whether the user agreed to an item.
    #[must_use]
    pub fn agreed_to(&self, attribute: Attribute) -> bool {
        self.grant.items.contains_key(attribute.id())
    }

    fn typed(&self, attribute: Attribute) -> Option<&'a str> {
        self.grant.items.get(attribute.id())?.1.as_deref()
    }

    fn own_or_typed(
        &self,
        own: Option<&'a String>,
        attribute: Attribute,
    ) -> Option<Known<&'a str>> {
        match own {
            Some(own) => Some(Known { value: own, is_own: true }),
            None => self.typed(attribute).map(|value| Known { value, is_own: false }),
        }
    }

    #[must_use]
    pub fn email(&self) -> Option<Known<&'a str>> {
        self.own_or_typed(self.account.email.as_ref(), Attribute::Email)
    }

    #[must_use]
    pub fn phone(&self) -> Option<Known<&'a str>> {
        self.own_or_typed(self.account.phone.as_ref(), Attribute::Phone)
    }

    #[must_use]
    pub fn name(&self) -> Option<Known<&'a str>> {
        self.own_or_typed(self.account.name.as_ref(), Attribute::Name)
    }

    /// The date of birth, in the Gregorian calendar.
    #[must_use]
    pub fn birthday(&self) -> Option<Known<Date>> {
        match self.account.birthday {
            Some(value) => Some(Known { value, is_own: true }),
            None => {
                let day = age::day(self.typed(Attribute::Birthday)?)?;
                Some(Known { value: day, is_own: false })
            }
        }
    }

    #[must_use]
    pub fn year_of_birth(&self) -> Option<Known<u16>> {
        match self.account.year_of_birth() {
            Some(value) => Some(Known { value, is_own: true }),
            None => {
                let Known { value, is_own } = self.birthday()?;
                Some(Known { value: u16::try_from(value.year()).ok()?, is_own })
            }
        }
    }

    /// The age range on a day. A typed date of birth gives none: an age range is a statement of the
    /// platform.
    #[must_use]
    pub fn age_range(&self, today: Date) -> Option<AgeRange> {
        let by_birthday = || {
            let years = age::years(self.account.birthday?, today);
            Some(AgeRange::of(u8::try_from(years.clamp(0, 255)).unwrap_or(0)))
        };
        self.account.age_range.or_else(by_birthday)
    }

    /// Every shipping address: the account's own, or the one that was typed.
    #[must_use]
    pub fn shipping_addresses(&self) -> Vec<ShippingAddress> {
        match &*self.account.shipping_addresses {
            [] => self.typed_address().into_iter().collect(),
            own => own.to_vec(),
        }
    }

    fn typed_address(&self) -> Option<ShippingAddress> {
        let line = self.typed(Attribute::Address)?;
        Some(ShippingAddress::of_line(line.to_owned()))
    }

    /// The address that is used where no other is chosen.
    #[must_use]
    pub fn default_address(&self) -> Option<Known<ShippingAddress>> {
        match self.account.default_address() {
            Some(own) => Some(Known { value: own.clone(), is_own: true }),
            None => self.typed_address().map(|value| Known { value, is_own: false }),
        }
    }
}
