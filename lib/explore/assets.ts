/** What the page is made of: its own modules, with types taken off, and those of its packages. */
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { transformSync } from "amaro";

/** A file of the page, by its path under the page's address. */
export interface Asset {
  type: string;
  read: () => string;
}

const SCRIPT = "text/javascript; charset=utf-8", STYLE = "text/css; charset=utf-8";

/** The module that begins, and the style sheets, by their paths. */
export const MAIN = "explore/page/main.js";
export const STYLES = ["npm/uplot/uPlot.css", "explore/page/style.css"];

/** Modules of lib that the page runs, beside those of its own folder. */
const SHARED = [
  "core/hidden_characters",
  "explore/columns",
  "explore/prompt_view",
  "explore/signs",
  "explore/stored_rows",
  "reply/reasoning_tag",
  "view/best_of_k",
  "view/bins",
  "view/greatest",
  "view/kept_by_margin",
  "view/statistics",
];

/** Each package that the page imports, the folder of its modules, and the module to begin with. */
export const PACKAGES = [
  { name: "uplot", folder: "uplot/dist/uPlot.esm.js", entry: "uPlot.esm.js" },
  { name: "@tanstack/virtual-core", folder: "@tanstack/virtual-core", entry: "index.js" },
  // Its differences of words alone: the whole is twenty modules.
  { name: "diff", folder: "diff", entry: "diff/word.js" },
  { name: "hyparquet", folder: "hyparquet", entry: "index.js" },
];

/** All files but the page itself; a request for anything else finds nothing. */
export function pageAssets(): Map<string, Asset> {
  const assets = new Map<string, Asset>();
  const lib = dirname(dirname(fileURLToPath(import.meta.url)));
  const own = [...Deno.readDirSync(join(lib, "explore/page"))].map(({ name }) => name);
  for (const name of own.filter((name) => name.endsWith(".css"))) {
    assets.set(`explore/page/${name}`, textAsset(STYLE, join(lib, "explore/page", name)));
  }
  const modules = own.map((name) => /^(\w+)\.(?:ts|js)$/.exec(name)?.[1])
    .flatMap((name) => name === undefined ? [] : [`explore/page/${name}`]);
  for (const path of new Set([...modules, ...SHARED])) {
    assets.set(`${path}.js`, { type: SCRIPT, read: () => moduleText(join(lib, path)) });
  }
  for (const { name, folder } of PACKAGES) {
    const root = dirname(fileURLToPath(import.meta.resolve(folder)));
    for (const file of readdirSync(root, { recursive: true, encoding: "utf8" })) {
      const path = file.replaceAll("\\", "/");
      if (path.endsWith(".js")) assets.set(`npm/${name}/${path}`, scriptAsset(join(root, path)));
      if (path === "uPlot.min.css") {
        assets.set("npm/uplot/uPlot.css", textAsset(STYLE, join(root, path)));
      }
    }
  }
  return assets;
}

/** A module's JavaScript: as it lies in the package, or of the TypeScript of the repository. */
function moduleText(path: string): string {
  try {
    return browserModule(Deno.readTextFileSync(`${path}.ts`));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return Deno.readTextFileSync(`${path}.js`);
  }
}

/**
 * TypeScript as a browser runs it: types become blanks, imports name what is served. Not by the
 * runtime's own `stripTypeScriptTypes`, which the notebooks' kernel does not have.
 */
function browserModule(source: string): string {
  const code = transformSync(source, { mode: "strip-only" }).code;
  return code.replace(/((?:from\s+|import\()"\.[^"]+)\.ts"/g, '$1.js"');
}

function scriptAsset(path: string): Asset {
  const read = () =>
    Deno.readTextFileSync(path).replaceAll("process.env.NODE_ENV", '"production"')
      .replace(/^\/\/# sourceMappingURL=.*$/m, "");
  return { type: SCRIPT, read };
}

function textAsset(type: string, path: string): Asset {
  return { type, read: () => Deno.readTextFileSync(path) };
}
