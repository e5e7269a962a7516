// What Trunk.toml and the scripts of src/boot/ share with each other and with the app.

/** The address of the app's JavaScript. Trunk.toml defines it. */
declare const JS: string;
/** The address of the app's WebAssembly. Trunk.toml defines it. */
declare const WASM: string;

interface Window {
  /** src/boot/actions/submit.js, for src/boot/app/start.js. */
  userActions: {
    /** Names and values of the form's fields, with the checkboxes that the user checked. */
    fields(): [string, string][];
  };
  /** src/boot/app/start.js, for src/browser/shell.rs. */
  consentShell: {
    /** Calls when the user is idle. */
    whenIdle(call: () => void): Promise<void>;
    /** The API response, if it was rendered or has been loaded. */
    answer(): string | undefined;
    /** The language file of the page, as JSON. */
    texts(): string;
    /** The languages on offer: `ko=한국어;en=English`. */
    languages(): string;
    /** Seconds since the page was requested. */
    age(): number;
    /** The fields of the server-rendered form, as JSON. */
    fields(): string;
    /** Removes the shell once the app is built. */
    replaceShell(): void;
  };
}

interface Navigator {
  /** Not in every browser: https://wicg.github.io/netinfo/ */
  readonly connection?: { readonly saveData?: boolean };
}
