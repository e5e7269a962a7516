// Builds every peer in production mode: `node build.js OUT STYLES`.
//
// OUT gets a directory for each. STYLES is the <link> elements of our own screen's page: the peers
// use the very same style sheets, which the caller puts beside them.

import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import preact from "@preact/preset-vite";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import react from "@vitejs/plugin-react";
import { build } from "vite";
import solid from "vite-plugin-solid";

const here = dirname(fileURLToPath(import.meta.url));
const [out, styles] = process.argv.slice(2);
const peers = {
  react: { plugins: [react()], entry: "react/main.jsx", hooks: "react/hooks.js" },
  preact: { plugins: [preact()], entry: "preact/main.jsx", hooks: "preact/hooks.js" },
  svelte: {
    // The request never changes, and an empty address is this page's.
    plugins: [svelte({
      configFile: false,
      compilerOptions: {
        warningFilter: ({ code }) =>
          !["a11y_invalid_attribute", "state_referenced_locally"].includes(code),
      },
    })],
    entry: "svelte/main.js",
  },
  solid: { plugins: [solid()], entry: "solid/main.jsx" },
};
const template = await readFile(resolve(here, "shared/index.html"), "utf8");

for (const [name, { plugins, entry, hooks }] of Object.entries(peers)) {
  // Vite takes its page from a file.
  const page = resolve(here, `${name}.html`);
  await writeFile(page, template.replace("%ENTRY%", entry));
  try {
    await build({
      root: here,
      configFile: false,
      logLevel: "warn",
      mode: "production",
      plugins,
      resolve: { alias: hooks ? { "#hooks": resolve(here, hooks) } : {} },
      build: {
        outDir: resolve(out, name),
        emptyOutDir: true,
        target: "es2022",
        rollupOptions: { input: page },
      },
    });
  } finally {
    await rm(page);
  }
  const built = resolve(out, name, `${name}.html`);
  const html = await readFile(built, "utf8");
  // Lines and indentation go, as in our own page.
  const small = html.replace("<!--styles-->", styles).replace(/\s*\n\s*/g, "");
  await writeFile(built, small);
  await rename(built, resolve(out, name, "index.html"));
}
