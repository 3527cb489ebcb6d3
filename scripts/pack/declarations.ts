/** Declarations (.d.ts) of the public entries, by TypeScript: `deno pack` leaves inferred types out. */
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { RunError } from "../../lib/core/errors.ts";

/** A relative module of a declaration: `from "./x.ts"`, `import("./x.ts")`. */
const MODULE = /((?:\bfrom|\bimport)\s*\(?\s*")(\.{1,2}\/[^"]+)\.ts"/g;

/**
 * The declarations that the entries need, by their path in the package (`lib/mod.d.ts`).
 *
 * @param folder holds `lib`, `node_modules` and, at `globals`, Deno's own types
 * @throws {RunError} with the first thing that TypeScript does not accept
 */
export function declarations(
  folder: string,
  entries: readonly string[],
  globals: string,
): Map<string, string> {
  const program = ts.createProgram([...entries.map((entry) => join(folder, entry)), globals], {
    declaration: true,
    emitDeclarationOnly: true,
    outDir: folder,
    rootDir: folder,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    resolveJsonModule: true,
    lib: ["lib.esnext.d.ts"],
    types: [],
    skipLibCheck: true,
    strict: true,
    noUncheckedIndexedAccess: true,
  });
  const all = new Map<string, string>();
  const { diagnostics } = program.emit(undefined, (path, text) => {
    all.set(relative(folder, path), text.replace(MODULE, '$1$2.js"'));
  });
  const [first] = [...program.getGlobalDiagnostics(), ...diagnostics];
  if (first !== undefined) {
    const said = ts.flattenDiagnosticMessageText(first.messageText, " ");
    throw new RunError(`declarations: ${first.file?.fileName ?? ""}: ${said}`);
  }
  return reachable(all, entries.map(declarationOf));
}

/** `lib/mod.ts` or `lib/mod.js` as `lib/mod.d.ts`. */
export function declarationOf(module: string): string {
  return module.replace(/\.[jt]s$/, ".d.ts");
}

/** What the entries lead to: declarations of what is inside the library alone are left out. */
function reachable(all: Map<string, string>, entries: string[]): Map<string, string> {
  const found = new Map<string, string>();
  const left = [...entries];
  for (let path; (path = left.pop()) !== undefined;) {
    const text = all.get(path);
    if (text === undefined || found.has(path)) continue;
    found.set(path, text);
    for (const { fileName } of ts.preProcessFile(text).importedFiles) {
      if (fileName.startsWith(".")) left.push(declarationOf(join(dirname(path), fileName)));
    }
  }
  return found;
}
