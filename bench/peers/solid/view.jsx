import { createEffect, createMemo, createResource, createSignal, For, Match, Show, Switch } from "solid-js";
import { createStore } from "solid-js/store";
import { agreement, allShown, covered, facts, faults, focus, sections } from "../shared/consent.js";
import { decide, text } from "../shared/request.js";
import words from "../shared/words.js";

export function Consent({ request }) {
  const all = sections(request);
  const inAll = covered(request, all.all);
  const { service, account } = request;
  const [before, after] = words.heading[request.purpose];
  const [ticked, setTicked] = createStore({});
  const [typed, setTyped] = createStore({});
  const [tried, setTried] = createSignal(false);
  const [sending, setSending] = createSignal(false);
  const [failed, setFailed] = createSignal(false);
  const [opened, setOpened] = createSignal(null);
  const isTicked = (key) => ticked[key] === true;
  const shown = createMemo(() => allShown(inAll, isTicked));
  const found = createMemo(() => (tried() ? faults(all.all, isTicked, (key) => typed[key]) : []));

  const send = async (decision) => {
    setSending(true);
    if (await decide(decision, service.destination_origin)) setFailed(true);
  };
  const agree = (event) => {
    event.preventDefault();
    if (sending()) return;
    setTried(true);
    if (found().length) focus("summary");
    else send(agreement(request, all, isTicked, (key) => typed[key]));
  };
  const cancel = (event) => {
    event.preventDefault();
    if (!sending()) send({ decision: "cancel", csrf_token: request.csrf_token });
  };
  const tickAll = () => {
    const to = shown() !== "on";
    setTicked(Object.fromEntries(inAll.map(({ key }) => [key, to])));
  };
  const tickRequired = () =>
    setTicked(Object.fromEntries(all.all.map(({ key, required }) => [key, required])));
  const row = (row) => (
    <Row
      row={row} ticked={isTicked(row.key)} typed={typed[row.key] ?? ""}
      fault={found().find((fault) => fault.key === row.key)} company={service.company}
      onTick={(to) => setTicked(row.key, to)} onWrite={(to) => setTyped(row.key, to)} onOpen={setOpened}
    />
  );

  return (
    <Show when={!failed()} fallback={<Problem />}>
      <main class="page" aria-labelledby="heading">
        <div class="consent">
          <header class="consent__header">
            <div class="consent__who"><Service service={service} /></div>
            <h1 class="page-heading" id="heading" tabindex="-1">{before}<bdi>{service.name}</bdi>{after}</h1>
            <p class="lead">{words.lead[request.purpose]}</p>
          </header>
          <section class="account" aria-label={words.answeringAs}>
            <Avatar shape="account" picture={account.avatar_url} name={account.nickname} />
            <p class="account__text">
              <strong><bdi>{account.nickname}</bdi></strong>{" "}
              <bdi class="account__identifier">{account.identifier}</bdi>
            </p>
            <Show when={account.switch_url}>
              <a class="button button--quiet" href={account.switch_url}>{words.switchAccount}</a>
            </Show>
          </section>
          <form class="consent__form" autocomplete="off" novalidate onSubmit={agree}>
            <Show when={found().length}>
              <div class="summary" id="summary" tabindex="-1" role="group" aria-labelledby="summary-title">
                <div role="alert">
                  <h2 class="summary__title" id="summary-title">{words.summary}</h2>
                  <ul class="summary__list">
                    <For each={found()}>
                      {({ target, text }) => (
                        <li>
                          <a
                            class="link" href={`#${target}`}
                            onClick={(event) => { event.preventDefault(); focus(target); }}
                          >{text}</a>
                        </li>
                      )}
                    </For>
                  </ul>
                </div>
              </div>
            </Show>
            <Show when={inAll.length}>
              <AgreeAll policy={request.agree_all} shown={shown()} onAll={tickAll} onRequired={tickRequired} />
            </Show>
            <Show when={all.terms.length}>
              <fieldset class="section">
                <legend class="section__title">{words.terms}</legend>
                <For each={all.terms}>{row}</For>
              </fieldset>
            </Show>
            <Show when={all.items.length}>
              <fieldset class="section">
                <legend class="section__title">{words.personalInfo}</legend>
                <dl class="facts"><For each={facts(request)}>{([name, says]) => <><dt>{name}</dt><dd>{says}</dd></>}</For></dl>
                <Show when={service.privacy_policy_url}>
                  <p class="section__aside">
                    <a class="link" href={service.privacy_policy_url} target="_blank" rel="noopener noreferrer">
                      {words.privacyPolicy}<span class="visually-hidden"> {words.newWindow}</span>
                    </a>
                  </p>
                </Show>
                <For each={all.items}>{row}</For>
              </fieldset>
            </Show>
            <Show when={all.channels.length}>
              <fieldset class="section">
                <legend class="section__title">{words.channels}</legend>
                <For each={all.channels}>{row}</For>
              </fieldset>
            </Show>
            <div class="actions">
              <div class="actions__buttons">
                <button type="submit" form="cancel-form" class="button button--secondary" aria-disabled={sending() ? "true" : undefined}>{words.cancel}</button>
                <button type="submit" name="decision" value="agree" class="button button--primary" aria-disabled={sending() ? "true" : undefined}>
                  {sending() ? words.sending : words.agree}
                </button>
              </div>
            </div>
          </form>
          <form id="cancel-form" onSubmit={cancel} />
          <Text term={opened()} onClose={() => setOpened(null)} />
        </div>
      </main>
    </Show>
  );
}

function Row(props) {
  const { key, required, label, term, item, input, channel } = props.row;
  return (
    <div class="row" data-row="">
      <input
        type="checkbox" class="checkbox" id={key} name="agree" value={key} autocomplete="off" checked={props.ticked}
        aria-describedby={`${key}-details ${key}-fault`} aria-invalid={props.fault?.box ? "true" : undefined}
        onChange={(event) => props.onTick(event.currentTarget.checked)}
      />
      <div class="row__text">
        <label class="row__label" for={key}>
          <span class={required ? "row__need row__need--required" : "row__need"}>{required ? words.required : words.optional}</span>{" "}
          <bdi>{label}</bdi>
        </label>
        <div class="row__details" id={`${key}-details`}>
          {term?.highlights.length > 0 && (
            <ul class="highlights"><For each={term.highlights}>{({ text }) => <li><em>{text}</em></li>}</For></ul>
          )}
          {input && (
            <div class="field">
              <label class="field__hint" for={input.id}>{input.hint}</label>
              <input
                class="field__input" id={input.id} name={input.id} type={input.type} inputmode={input.mode}
                autocomplete={input.complete} autocapitalize="off" spellcheck={false} value={props.typed}
                aria-required="true" aria-describedby={`${input.id}-fault`}
                aria-invalid={props.fault && !props.fault.box ? "true" : undefined}
                onInput={(event) => props.onWrite(event.currentTarget.value)}
              />
              <p class="row__fault" id={`${input.id}-fault`}>{props.fault && !props.fault.box ? words.badValue : ""}</p>
            </div>
          )}
          {channel && <p class="row__note"><em>{words.channelSender(props.company)}</em> {words.channelBlock}</p>}
        </div>
        <p class="row__fault" id={`${key}-fault`}>{props.fault?.box ? words.fault : ""}</p>
      </div>
      <div class="row__beside">
        {term && (
          <button type="button" class="button button--quiet" onClick={() => props.onOpen(term)}>
            <span class="visually-hidden">{label} </span>{words.openText}
          </button>
        )}
        {item?.value && <bdi class="row__value">{item.value}</bdi>}
        {item && !item.value && !input && <span class="row__value">{words.noValue}</span>}
        {channel && <Avatar shape="channel" picture={channel.icon_url} name={channel.name} />}
      </div>
    </div>
  );
}

function AgreeAll(props) {
  const [label, hint] = words.all[props.policy];
  return (
    <div class="agree-all">
      <div class="agree-all__box">
        <input
          type="checkbox" class="checkbox" id="agree-all" autocomplete="off" checked={props.shown === "on"}
          prop:indeterminate={props.shown === "mixed"} aria-describedby="agree-all-hint" onChange={props.onAll}
        />
        <div>
          <label class="agree-all__label" for="agree-all">{label}</label>
          <p class="agree-all__hint" id="agree-all-hint">{hint}</p>
        </div>
      </div>
      <Show when={props.policy === "everything"}>
        <button type="button" class="button button--secondary" onClick={props.onRequired}>{words.requiredOnly}</button>
      </Show>
    </div>
  );
}

function Service({ service }) {
  return (
    <div class="service">
      <Avatar shape="service" picture={service.icon_url} name={service.name} />
      <div class="service__text">
        <p class="service__names">
          <strong><bdi>{service.name}</bdi></strong>{" "}
          <span class="service__company"><bdi>{service.company}</bdi></span>
        </p>
        <p class="service__place">
          <span class={service.verified ? "service__status service__status--verified" : "service__status"}>
            {service.verified ? words.verified : words.notVerified}
          </span>{" "}
          <bdi class="service__host">{service.destination_origin.replace("https://", "")}</bdi>
        </p>
      </div>
    </div>
  );
}

function Avatar({ shape, picture, name }) {
  const look = `avatar avatar--${shape}`;
  if (picture) return <img class={look} src={picture} alt="" />;
  return <span class={look} aria-hidden="true">{[...name][0]}</span>;
}

function Text(props) {
  let dialog;
  const [shown] = createResource(() => props.term, text);
  createEffect(() => props.term && dialog.showModal());
  return (
    <dialog class="dialog" ref={dialog} aria-labelledby="text-title" onClose={() => props.onClose()}>
      <Show when={props.term}>
        <div class="dialog__scroll" tabindex="0" role="group" aria-labelledby="text-title">
          <h2 class="dialog__title" id="text-title">{props.term.title}</h2>
          <Switch>
            <Match when={shown.loading}><p role="status">{words.loading}</p></Match>
            <Match when={shown.error}><p role="alert">{words.textFailed}</p></Match>
            <Match when={shown()}><div class="document"><For each={shown().blocks}>{Block}</For></div></Match>
          </Switch>
        </div>
      </Show>
      <div class="dialog__actions">
        <button type="button" class="button button--secondary" onClick={() => dialog.close()}>{words.close}</button>
      </div>
    </dialog>
  );
}

function Block({ type, level, text, items, header, rows }) {
  if (type === "heading") return level === 2 ? <h3>{text}</h3> : <h4>{text}</h4>;
  if (type === "list") return <ul><For each={items}>{(item) => <li>{item}</li>}</For></ul>;
  if (type === "table") {
    return (
      <div class="document__table" tabindex="0">
        <table>
          <thead><tr><For each={header}>{(cell) => <th>{cell}</th>}</For></tr></thead>
          <tbody>
            <For each={rows}>{(row) => <tr><For each={row}>{(cell) => <td>{cell}</td>}</For></tr>}</For>
          </tbody>
        </table>
      </div>
    );
  }
  return <p>{text}</p>;
}

export function Problem() {
  const [heading, body] = words.problem;
  return (
    <main class="page">
      <div class="problem">
        <h1 class="page-heading">{heading}</h1>
        <p class="lead">{body}</p>
        <div class="problem__ways"><a class="button button--primary" href="">{words.retry}</a></div>
      </div>
    </main>
  );
}
