//! The texts of the account pages. Not among the screen's other texts: the app downloads those, and
//! only a server renders these pages.

use consent_contract::account::{AgreementState, ReceiptEvent};

use crate::{i18n::Locale, texts};

texts! {
    /// Every text in one language.
    Words in "account" {
    // The list of services.
    overview_heading,
    overview_lead,
    services,
    no_services,
    since,
    receives,
    agreed_terms,
    added_channels,
    expires,
    /// Slot: the day.
    until,
    nothing,
    manage,
    former_services,
    /// Slot: the day.
    left_on,
    sessions,
    sessions_hint,
    // One service.
    /// Slot: the service.
    service_heading,
    /// Slot: the day.
    linked_since,
    /// Slot: the day.
    left_since,
    not_linked,
    nothing_agreed,
    state_agreed,
    state_refused,
    state_withdrawn,
    state_expired,
    reported_by_service,
    /// Slot: the day.
    newer_version,
    read_text,
    newer_provision,
    read_newer,
    read_receipt,
    withdraw,
    withdraw_required,
    read_statement,
    channels,
    channel_added,
    channel_blocked,
    channel_not_added,
    channel_stays,
    receipts,
    leave_section,
    leave_hint,
    leave,
    /// Slot: the agreement.
    withdrawn_heading,
    withdrawn_item,
    withdrawn_term,
    withdrawn_again,
    left_heading,
    left_text,
    // Before leaving.
    /// Slot: the service.
    leave_heading,
    /// Slot: the agreement.
    leave_required,
    leave_what_follows,
    leave_consents_end,
    leave_notified,
    leave_not_notified,
    leave_data,
    /// Slot: the period.
    leave_retention,
    /// Slot: the channels.
    leave_channels,
    leave_coming_back,
    leave_confirm,
    stay,
    // Texts.
    /// Slot: the day.
    text_agreed,
    statement_heading,
    statement_items,
    // Receipts.
    receipt_heading,
    receipt_service,
    receipt_account,
    receipt_time,
    receipt_language,
    receipt_event,
    /// Who decided for the user, a child.
    receipt_guardian,
    receipt_number,
    receipt_lines,
    receipt_digest,
    receipt_print,
    receipt_download,
    event_sign_up,
    event_additional_consent,
    event_cancelled,
    event_under_age,
    event_reported_by_service,
    event_withdrawn_by_user,
    event_withdrawn_by_service,
    event_withdrawn_by_operator,
    event_expired,
    event_unlinked_by_user,
    event_unlinked_by_service,
    event_sign_up_not_completed,
    event_unlinked_by_operator,
    event_erased,
    // Sessions.
    sessions_lead,
    current_session,
    unknown_device,
    /// Slot: the time.
    signed_in_at,
    /// Slot: the time.
    session_ends_at,
    end_session,
    end_every_session,
    sessions_note,
    signed_out_heading,
    signed_out_text,
    }
}

impl Words {
    pub fn state(&self, state: AgreementState) -> &'static str {
        match state {
            AgreementState::Agreed => self.state_agreed,
            AgreementState::Refused => self.state_refused,
            AgreementState::Withdrawn => self.state_withdrawn,
            AgreementState::Expired => self.state_expired,
        }
    }

    pub fn event(&self, event: ReceiptEvent) -> &'static str {
        match event {
            ReceiptEvent::SignUp => self.event_sign_up,
            ReceiptEvent::AdditionalConsent => self.event_additional_consent,
            ReceiptEvent::Cancelled => self.event_cancelled,
            ReceiptEvent::UnderAge => self.event_under_age,
            ReceiptEvent::ReportedByService => self.event_reported_by_service,
            ReceiptEvent::WithdrawnByUser => self.event_withdrawn_by_user,
            ReceiptEvent::WithdrawnByService => self.event_withdrawn_by_service,
            ReceiptEvent::WithdrawnByOperator => self.event_withdrawn_by_operator,
            ReceiptEvent::Expired => self.event_expired,
            ReceiptEvent::UnlinkedByUser => self.event_unlinked_by_user,
            ReceiptEvent::UnlinkedByService => self.event_unlinked_by_service,
            ReceiptEvent::SignUpNotCompleted => self.event_sign_up_not_completed,
            ReceiptEvent::UnlinkedByOperator => self.event_unlinked_by_operator,
            ReceiptEvent::Erased => self.event_erased,
        }
    }
}

/// The words in a language.
pub fn words(locale: Locale) -> &'static Words {
    Words::of(locale)
}
