// The rules of the screen, the same for all peers.

import words from "./words.js";

const VALUES = {
  email: { type: "email", mode: "email", complete: "email", good: /^[^\s@]+@[^\s@]+\.[^\s@]+$/ },
  phone: { type: "tel", mode: "tel", complete: "tel", good: /^\+?[\d -]{9,20}$/ },
  name: { type: "text", mode: "text", complete: "name", good: /\S/ },
  birthday: { type: "text", mode: "numeric", complete: "bday", good: /^\d{4}-\d\d-\d\d$/ },
  address: { type: "text", mode: "text", complete: "street-address", good: /\S.{4}/ },
};

/** Every item on the screen, section by section, ready to be drawn. */
export function sections(request) {
  const terms = request.terms.map((term) => ({
    key: `term:${term.tag}`,
    required: term.required,
    label: term.title,
    term,
  }));
  const items = request.personal_info.items.map((item) => ({
    key: `item:${item.id}`,
    required: item.required,
    label: item.label,
    item,
    input: item.value === null && item.collect && {
      id: `value:${item.id}`,
      hint: words.collect[item.collect],
      ...VALUES[item.collect],
    },
  }));
  const channels = offered(request).map((channel) => ({
    key: `channel:${channel.public_id}`,
    required: false,
    label: words.addChannel(channel.name),
    channel,
  }));
  return { terms, items, channels, all: [...terms, ...items, ...channels] };
}

function offered(request) {
  if (!request.account.messenger_registered) return [];
  const requested = request.channels.some((channel) => channel.requested);
  const primary = request.purpose === "sign_up" && !requested;
  return request.channels
    .filter((it) => it.relation === "none" && (it.requested || (it.primary && primary)))
    .slice(0, 2);
}

export function covered(request, rows) {
  return rows.filter((row) => row.required || request.agree_all === "everything");
}

/** What the agree-all box shows: `on`, `mixed` or `off`. */
export function allShown(rows, isTicked) {
  const ticked = rows.filter((row) => isTicked(row.key)).length;
  if (ticked === 0) return "off";
  return ticked === rows.length ? "on" : "mixed";
}

/** The form errors: the row's key, the id of the control that fixes it, and the message. */
export function faults(rows, isTicked, typed) {
  return rows.flatMap((row) => {
    if (row.required && !isTicked(row.key)) {
      return [{ key: row.key, target: row.key, text: words.notAgreed(row.label), box: true }];
    }
    if (row.input && isTicked(row.key) && !row.input.good.test(typed(row.key) ?? "")) {
      const text = `${row.label}: ${words.badValue}`;
      return [{ key: row.key, target: row.input.id, text, box: false }];
    }
    return [];
  });
}

export function agreement(request, { terms, items, channels }, isTicked, typed) {
  return {
    decision: "agree",
    csrf_token: request.csrf_token,
    locale: request.locale,
    personal_info_digest: request.personal_info.digest,
    terms: terms.map(({ key, term: { tag, version, digest } }) => ({
      tag, version, digest, agreed: isTicked(key),
    })),
    personal_info: items.map(({ key, item, input }) => ({
      id: item.id,
      agreed: isTicked(key),
      ...(input && isTicked(key) ? { value: typed(key) } : {}),
    })),
    channels: channels.map(({ key, channel }) => ({
      public_id: channel.public_id, add: isTicked(key),
    })),
  };
}

export function focus(id) {
  document.getElementById(id)?.focus();
}

export const facts = ({ personal_info: info }) => [
  ["제공받는 자", info.recipient],
  ["이용 목적", info.purpose],
  ["보유·이용 기간", info.retention],
  ["동의 거부 권리와 불이익", info.refusal_effect],
];
