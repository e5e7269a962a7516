// The screen in JSX, for React and for Preact. `#hooks` is the hooks of whichever builds it.

import { memo, useCallback, useEffect, useMemo, useRef, useState } from "#hooks";
import { agreement, allShown, covered, facts, faults, focus, sections } from "./consent.js";
import { decide, text } from "./request.js";
import words from "./words.js";

export function Consent({ request }) {
  const all = useMemo(() => sections(request), [request]);
  const inAll = useMemo(() => covered(request, all.all), [request, all]);
  const [ticked, setTicked] = useState({});
  const [typed, setTyped] = useState({});
  const [tried, setTried] = useState(0);
  const [sending, setSending] = useState(false);
  const [opened, setOpened] = useState(null);
  const [problem, setProblem] = useState(null);
  const tick = useCallback((key, to) => setTicked((old) => ({ ...old, [key]: to })), []);
  const write = useCallback((key, to) => setTyped((old) => ({ ...old, [key]: to })), []);
  const isTicked = (key) => ticked[key] === true;
  const found = tried ? faults(all.all, isTicked, (key) => typed[key]) : [];
  useEffect(() => void (tried && focus("summary")), [tried]);

  const send = async (decision) => {
    setSending(true);
    const answer = await decide(decision, request.service.destination_origin);
    if (answer) setProblem(answer), setSending(false);
  };
  const agree = (event) => {
    event.preventDefault();
    if (sending) return;
    const wrong = faults(all.all, isTicked, (key) => typed[key]);
    if (wrong.length) setTried((times) => times + 1);
    else send(agreement(request, all, isTicked, (key) => typed[key]));
  };
  const cancel = (event) => {
    event.preventDefault();
    if (!sending) send({ decision: "cancel", csrf_token: request.csrf_token });
  };
  const tickAll = () => {
    const to = allShown(inAll, isTicked) !== "on";
    setTicked((old) => ({ ...old, ...Object.fromEntries(inAll.map((row) => [row.key, to])) }));
  };
  const tickRequired = () =>
    setTicked(Object.fromEntries(all.all.map((row) => [row.key, row.required])));

  if (problem) return <Problem />;
  const row = (row) => (
    <Row
      key={row.key} row={row} ticked={isTicked(row.key)} typed={typed[row.key] ?? ""}
      fault={found.find((fault) => fault.key === row.key)} company={request.service.company}
      onTick={tick} onWrite={write} onOpen={setOpened}
    />
  );
  const { service, account } = request;
  const [before, after] = words.heading[request.purpose];
  return (
    <main className="page" aria-labelledby="heading">
      <div className="consent">
        <header className="consent__header">
          <div className="consent__who"><Service service={service} /></div>
          <h1 className="page-heading" id="heading" tabIndex={-1}>
            {before}<bdi>{service.name}</bdi>{after}
          </h1>
          <p className="lead">{words.lead[request.purpose]}</p>
        </header>
        <section className="account" aria-label={words.answeringAs}>
          <Avatar shape="account" picture={account.avatar_url} name={account.nickname} />
          <p className="account__text">
            <strong><bdi>{account.nickname}</bdi></strong>{" "}
            <bdi className="account__identifier">{account.identifier}</bdi>
          </p>
          {account.switch_url && (
            <a className="button button--quiet" href={account.switch_url}>{words.switchAccount}</a>
          )}
        </section>
        <form className="consent__form" autoComplete="off" noValidate onSubmit={agree}>
          {found.length > 0 && (
            <div className="summary" id="summary" tabIndex={-1} role="group" aria-labelledby="summary-title">
              <div role="alert">
                <h2 className="summary__title" id="summary-title">{words.summary}</h2>
                <ul className="summary__list">
                  {found.map((fault) => (
                    <li key={fault.key}>
                      <a
                        className="link" href={`#${fault.target}`}
                        onClick={(event) => { event.preventDefault(); focus(fault.target); }}
                      >{fault.text}</a>
                    </li>
                  ))}
                </ul>
              </div>
            </div>
          )}
          {inAll.length > 0 && (
            <AgreeAll policy={request.agree_all} shown={allShown(inAll, isTicked)} onAll={tickAll} onRequired={tickRequired} />
          )}
          {all.terms.length > 0 && (
            <fieldset className="section">
              <legend className="section__title">{words.terms}</legend>
              {all.terms.map(row)}
            </fieldset>
          )}
          {all.items.length > 0 && (
            <fieldset className="section">
              <legend className="section__title">{words.personalInfo}</legend>
              <dl className="facts">
                {facts(request).flatMap(([name, says]) => [<dt key={name}>{name}</dt>, <dd key={`${name}-says`}>{says}</dd>])}
              </dl>
              {service.privacy_policy_url && (
                <p className="section__aside">
                  <a className="link" href={service.privacy_policy_url} target="_blank" rel="noopener noreferrer">
                    {words.privacyPolicy}<span className="visually-hidden"> {words.newWindow}</span>
                  </a>
                </p>
              )}
              {all.items.map(row)}
            </fieldset>
          )}
          {all.channels.length > 0 && (
            <fieldset className="section">
              <legend className="section__title">{words.channels}</legend>
              {all.channels.map(row)}
            </fieldset>
          )}
          <div className="actions">
            <div className="actions__buttons">
              <button type="submit" form="cancel-form" className="button button--secondary" aria-disabled={sending || undefined}>{words.cancel}</button>
              <button type="submit" name="decision" value="agree" className="button button--primary" aria-disabled={sending || undefined}>
                {sending ? words.sending : words.agree}
              </button>
            </div>
          </div>
        </form>
        <form id="cancel-form" onSubmit={cancel} />
        <Text term={opened} onClose={() => setOpened(null)} />
      </div>
    </main>
  );
}

const Row = memo(function Row({ row, ticked, typed, fault, company, onTick, onWrite, onOpen }) {
  const { key, required, label, term, item, input, channel } = row;
  const need = required ? "row__need row__need--required" : "row__need";
  return (
    <div className="row" data-row="">
      <input
        type="checkbox" className="checkbox" id={key} name="agree" value={key} autoComplete="off" checked={ticked}
        aria-describedby={`${key}-details ${key}-fault`} aria-invalid={fault?.box || undefined}
        onChange={(event) => onTick(key, event.currentTarget.checked)}
      />
      <div className="row__text">
        <label className="row__label" htmlFor={key}>
          <span className={need}>{required ? words.required : words.optional}</span> <bdi>{label}</bdi>
        </label>
        <div className="row__details" id={`${key}-details`}>
          {term?.highlights.length > 0 && (
            <ul className="highlights">
              {term.highlights.map(({ text }) => <li key={text}><em>{text}</em></li>)}
            </ul>
          )}
          {input && (
            <div className="field">
              <label className="field__hint" htmlFor={input.id}>{input.hint}</label>
              <input
                className="field__input" id={input.id} name={input.id} type={input.type} inputMode={input.mode}
                autoComplete={input.complete} autoCapitalize="off" spellCheck={false} value={typed}
                aria-required="true" aria-describedby={`${input.id}-fault`} aria-invalid={(fault && !fault.box) || undefined}
                onInput={(event) => onWrite(key, event.currentTarget.value)}
              />
              <p className="row__fault" id={`${input.id}-fault`}>{fault && !fault.box ? words.badValue : ""}</p>
            </div>
          )}
          {channel && <p className="row__note"><em>{words.channelSender(company)}</em> {words.channelBlock}</p>}
        </div>
        <p className="row__fault" id={`${key}-fault`}>{fault?.box ? words.fault : ""}</p>
      </div>
      <div className="row__beside">
        {term && (
          <button type="button" className="button button--quiet" onClick={() => onOpen(term)}>
            <span className="visually-hidden">{label} </span>{words.openText}
          </button>
        )}
        {item?.value && <bdi className="row__value">{item.value}</bdi>}
        {item && !item.value && !input && <span className="row__value">{words.noValue}</span>}
        {channel && <Avatar shape="channel" picture={channel.icon_url} name={channel.name} />}
      </div>
    </div>
  );
});

function AgreeAll({ policy, shown, onAll, onRequired }) {
  const box = useRef(null);
  useEffect(() => { box.current.indeterminate = shown === "mixed"; }, [shown]);
  const [label, hint] = words.all[policy];
  return (
    <div className="agree-all">
      <div className="agree-all__box">
        <input
          ref={box} type="checkbox" className="checkbox" id="agree-all" autoComplete="off" checked={shown === "on"}
          aria-describedby="agree-all-hint" onChange={onAll}
        />
        <div>
          <label className="agree-all__label" htmlFor="agree-all">{label}</label>
          <p className="agree-all__hint" id="agree-all-hint">{hint}</p>
        </div>
      </div>
      {policy === "everything" && (
        <button type="button" className="button button--secondary" onClick={onRequired}>{words.requiredOnly}</button>
      )}
    </div>
  );
}

function Service({ service }) {
  const status = service.verified ? "service__status service__status--verified" : "service__status";
  return (
    <div className="service">
      <Avatar shape="service" picture={service.icon_url} name={service.name} />
      <div className="service__text">
        <p className="service__names">
          <strong><bdi>{service.name}</bdi></strong>{" "}
          <span className="service__company"><bdi>{service.company}</bdi></span>
        </p>
        <p className="service__place">
          <span className={status}>{service.verified ? words.verified : words.notVerified}</span>{" "}
          <bdi className="service__host">{service.destination_origin.replace("https://", "")}</bdi>
        </p>
      </div>
    </div>
  );
}

function Avatar({ shape, picture, name }) {
  const look = `avatar avatar--${shape}`;
  if (picture) return <img className={look} src={picture} alt="" />;
  return <span className={look} aria-hidden="true">{[...name][0]}</span>;
}

function Text({ term, onClose }) {
  const dialog = useRef(null);
  const [shown, setShown] = useState(null);
  useEffect(() => {
    if (!term) return;
    let wanted = true;
    setShown(null);
    dialog.current.showModal();
    text(term).then((it) => wanted && setShown(it), () => wanted && setShown({ failed: true }));
    return () => { wanted = false; };
  }, [term]);
  return (
    <dialog className="dialog" ref={dialog} aria-labelledby="text-title" onClose={onClose}>
      {term && (
        <div className="dialog__scroll" tabIndex={0} role="group" aria-labelledby="text-title">
          <h2 className="dialog__title" id="text-title">{term.title}</h2>
          {!shown && <p role="status">{words.loading}</p>}
          {shown?.failed && <p role="alert">{words.textFailed}</p>}
          {shown?.blocks && <div className="document">{shown.blocks.map((block, at) => <Block key={at} {...block} />)}</div>}
        </div>
      )}
      <div className="dialog__actions">
        <button type="button" className="button button--secondary" onClick={() => dialog.current.close()}>{words.close}</button>
      </div>
    </dialog>
  );
}

function Block({ type, level, text, items, header, rows }) {
  if (type === "heading") return level === 2 ? <h3>{text}</h3> : <h4>{text}</h4>;
  if (type === "list") return <ul>{items.map((item, at) => <li key={at}>{item}</li>)}</ul>;
  if (type === "table") {
    return (
      <div className="document__table" tabIndex={0}>
        <table>
          <thead><tr>{header.map((cell, at) => <th key={at}>{cell}</th>)}</tr></thead>
          <tbody>{rows.map((row, at) => <tr key={at}>{row.map((cell, at) => <td key={at}>{cell}</td>)}</tr>)}</tbody>
        </table>
      </div>
    );
  }
  return <p>{text}</p>;
}

export function Problem() {
  const [heading, body] = words.problem;
  return (
    <main className="page">
      <div className="problem">
        <h1 className="page-heading">{heading}</h1>
        <p className="lead">{body}</p>
        <div className="problem__ways"><a className="button button--primary" href="">{words.retry}</a></div>
      </div>
    </main>
  );
}
