/** Datasets of real tokenizers' templates, as trainers are compared on them; made once for all. */
import { join } from "node:path";
import { buildDpo } from "../../lib/dataset/dpo/stage.ts";
import { buildSft } from "../../lib/dataset/sft/stage.ts";
import { createPromptedModel } from "../../lib/prompted/stage.ts";
import { type BaseFamily, makeBaseFolder } from "../base_folders.ts";
import { writeLines } from "../dataset/records.ts";
import { trainPython } from "../dataset/train_python.ts";
import { realRecords, realScoredRecords } from "./real_records.ts";
import { makeTemplateFolder, TEMPLATE_FAMILIES, type TemplateFamily } from "./template_folders.ts";

const quiet = { log: () => {} };

const fileOf = (folder: string, part = "data") => {
  const [file] = [...Deno.readDirSync(join(folder, part))].map(({ name }) => name)
    .filter((name) => name.startsWith("train")).sort();
  return join(folder, part, file!);
};

/** Rows of a dataset, as a trainer reads them with settings of its own. */
export interface TrainerTask {
  what: string;
  family: TemplateFamily | "prompted";
  kind: "messages" | "completion" | "pairs";
  tokenizer: string;
  file: string;
  pairs: boolean;
  set: Record<string, string>;
}

/** The datasets of a family: both variants in both configurations, and pairs. */
async function tasksOf(
  family: TemplateFamily,
  folder: string,
  count: number,
  python: string,
): Promise<TrainerTask[]> {
  const tokenizer = await makeTemplateFolder(family, join(folder, "tokenizer"), python);
  const records = await writeLines(join(folder, "records.jsonl"), realRecords(count));
  const scored = await writeLines(join(folder, "scored.jsonl"), realScoredRecords(count));
  const tasks: TrainerTask[] = [];
  const add = (what: string, kind: TrainerTask["kind"], file: string) =>
    tasks.push({
      what: `${family}, ${what}`,
      family,
      kind,
      tokenizer,
      file,
      pairs: kind === "pairs",
      set: {},
    });
  const reasoning = "auto" as const;
  for (const variant of ["think", "nothink"] as const) {
    const out = join(folder, variant);
    await buildSft({ in: records, out, variant, reasoning, tokenizer: [`t=${tokenizer}`] }, {
      context: quiet,
    });
    add(`${variant}, prompt and completion`, "completion", fileOf(out, "prompt_completion"));
    add(`${variant}, messages`, "messages", fileOf(out));
  }
  const out = join(folder, "dpo");
  await buildDpo({ in: scored, out, tokenizer, format: "chat-think", reasoning }, {
    context: quiet,
  });
  add("pairs", "pairs", fileOf(out));
  return tasks;
}

/** Both variants on prompted models' folders: what TRL makes of them is what was promised. */
async function promptedTasks(
  base: BaseFamily,
  folder: string,
  count: number,
): Promise<TrainerTask[]> {
  const records = await writeLines(join(folder, "records.jsonl"), realRecords(count));
  const model = join(folder, "base");
  await makeBaseFolder(base, model);
  const tasks: TrainerTask[] = [];
  for (const variant of ["think", "nothink"] as const) {
    const tokenizer = join(folder, `prompted-${variant}`), out = join(folder, variant);
    await createPromptedModel({ model, out: tokenizer, variant }, { context: quiet });
    await buildSft({ in: records, out, variant, tokenizer: [`t=${tokenizer}`] }, {
      context: quiet,
    });
    const common = { family: "prompted" as const, tokenizer, pairs: false, set: {} };
    const what = `prompted ${base}, ${variant}`;
    const file = fileOf(out, "prompt_completion");
    tasks.push({ ...common, what: `${what}, completions`, kind: "completion", file });
    tasks.push({ ...common, what: `${what}, messages`, kind: "messages", file: fileOf(out) });
  }
  return tasks;
}

/** The datasets of all families, with so many records each, in a folder of their own. */
export class TrainerDatasets {
  readonly #count: number;
  #made: Promise<{ folder: string; tasks: TrainerTask[] }> | undefined;

  constructor(count: number) {
    this.#count = count;
  }

  made(): Promise<{ folder: string; tasks: TrainerTask[] }> {
    return this.#made ??= this.#make();
  }

  async remove(): Promise<void> {
    if (this.#made !== undefined) await Deno.remove((await this.#made).folder, { recursive: true });
  }

  async #make(): Promise<{ folder: string; tasks: TrainerTask[] }> {
    const folder = await Deno.makeTempDir();
    const python = await trainPython();
    const tasks: TrainerTask[] = [];
    for (const family of Object.keys(TEMPLATE_FAMILIES) as TemplateFamily[]) {
      const own = join(folder, family);
      await Deno.mkdir(own);
      tasks.push(...await tasksOf(family, own, this.#count, python));
    }
    for (const base of ["llama", "qwen2"] as const) {
      const own = join(folder, `prompted-${base}`);
      await Deno.mkdir(own);
      tasks.push(...await promptedTasks(base, own, this.#count));
    }
    return { folder, tasks };
  }
}
