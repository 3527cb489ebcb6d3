/** The page's HTML: beside its modules, as a server gives it, or with all that it is made of in itself. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { type Asset, MAIN, PACKAGES, pageAssets, STYLES } from "./assets.ts";

/** The page as its server gives it: what it is made of stands beside it. */
export function indexHtml(): string {
  const links = STYLES.map((path) => `<link rel="stylesheet" href="./${path}">`);
  return pageOf({
    source: "server",
    head: [
      ...links,
      `<script type="importmap">${servedImports()}</script>`,
      `<script type="module" src="./${MAIN}"></script>`,
    ],
  });
}

/** What the server's page may do: nothing runs, loads or connects but what the server gives. */
export function servedPolicy(): string {
  return contentPolicy({ scripts: ["'self'", hashOf(servedImports())], styles: ["'self'"] });
}

/**
 * The page as one file: its modules stand in the import map, as `data:` addresses, because a page
 * that is opened from disk may load no module from there. Files of data are put into it by their
 * paths; one that is not given is fetched, which needs a server.
 */
export function wholePage(files: ReadonlyMap<string, Uint8Array>): string {
  const assets = pageAssets();
  const css = STYLES.map((path) => assets.get(path)!.read()).join("\n");
  const imports = JSON.stringify({ imports: inlineModules(assets, MAIN) });
  const start = `import "${MAIN}";`;
  const policy = contentPolicy({
    scripts: ["data:", hashOf(imports), hashOf(start)],
    styles: [hashOf(css)],
  });
  return pageOf({
    source: "files",
    body: [...files].map(([path, bytes]) =>
      `<script type="application/octet-stream" id="${path}">${
        Buffer.from(bytes).toString("base64")
      }</script>`
    ),
    head: [
      `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
      `<style>${css}</style>`,
      `<script type="importmap">${imports}</script>`,
      `<script type="module">${start}</script>`,
    ],
  });
}

function pageOf({ source, head, body = [] }: {
  source: "server" | "files";
  head: readonly string[];
  body?: readonly string[];
}): string {
  const page = Deno.readTextFileSync(new URL("./page/index.html", import.meta.url));
  // As functions: a replacement's own dollar signs mean something to `replace`.
  return page.replace("<!-- head -->", () => head.join("\n"))
    .replace("<!-- data -->", () => body.join("\n"))
    .replace('data-source=""', () => `data-source="${source}"`);
}

function contentPolicy({ scripts, styles }: { scripts: string[]; styles: string[] }): string {
  return [
    "default-src 'none'",
    `script-src ${scripts.join(" ")}`,
    `style-src ${styles.join(" ")}`,
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

function servedImports(): string {
  const imports = PACKAGES.map(({ name, entry }) => [name, `./npm/${name}/${entry}`]);
  return JSON.stringify({ imports: Object.fromEntries(imports) });
}

/** The module and all that it imports, each under its path, by which the others import it too. */
function inlineModules(assets: ReadonlyMap<string, Asset>, main: string): Record<string, string> {
  const made: Record<string, string> = {};
  const waiting = [main];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (path in made) continue;
    const own = path;
    const code = assets.get(path)!.read().replace(
      IMPORTED,
      (whole, before: string, name: string) => {
        const target = name.startsWith(".") ? join(dirname(own), name) : entryOf(name);
        // Comments name types of other modules in the same way.
        if (!assets.has(target)) return whole;
        waiting.push(target);
        return `${before}"${target}"`;
      },
    );
    made[path] = `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`;
  }
  return made;
}

/** What an import or export takes from another module, and the module's name. */
const IMPORTED = /((?:\bfrom|^import|\bimport\()\s*)["']([.@\w][^"']*)["']/gm;

function entryOf(name: string): string {
  return `npm/${name}/${PACKAGES.find((known) => known.name === name)?.entry}`;
}
