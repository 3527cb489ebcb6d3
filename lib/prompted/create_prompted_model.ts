/** Stage 1: a base model is given the chat template of a prompted model; nothing is trained. */
import { dirname, join } from "node:path";
import type { DataFrame } from "nodejs-polars";
import { z } from "zod";
import { defaultContext, type StageContext } from "../core/context.ts";
import { sha256 } from "../core/canonical.ts";
import { InputError, messageOf } from "../core/errors.ts";
import type { FileEntry, Manifest } from "../core/manifest.ts";
import { Variant } from "../core/records.ts";
import { packageVersions, VERSION } from "../core/version.ts";
import { hashFile } from "../io/hash_file.ts";
import { replaceDirectory } from "../io/replace_directory.ts";
import { chatTemplateOf, TOKENIZER_CONFIG_FILE } from "../reply/chat_template.ts";
import { stopsOf } from "../reply/format.ts";
import {
  longcotConfig,
  promptedFormat,
  promptedFormOf,
  promptedTemplate,
} from "../reply/prompted_template.ts";
import { readBaseModel } from "./base_model.ts";
import { checkPlaces } from "./check_places.ts";
import { checkRendering } from "./check_rendering.ts";
import { chooseEos } from "./choose_eos.ts";
import { filesIn, putFile } from "./copy_folder.ts";
import { newFiles } from "./new_files.ts";

/** Options of `createPromptedModel`, and of `deno task create-prompted-model`. */
export const CreatePromptedModelOptions = z.object({
  model: z.string().min(1).describe("folder of the base model (Llama, Qwen 2, 2.5 or 3)"),
  out: z.string().min(1).describe("folder for the prompted model"),
  variant: Variant.describe("ask for a thought before the answer, or not"),
  template: z.string().min(1).default("document").describe(
    "document: the paper's words; rlmt: the released models'; or a Jinja file",
  ),
  weights: z.enum(["copy", "hardlink", "symlink"]).default("copy").describe(
    "how weights get there; a copy shares blocks where the file system can",
  ),
  eos: z.string().min(1).optional().describe(
    "token that ends a turn; <|eot_id|> for Llama, <|im_end|> for Qwen where not given",
  ),
  overwrite: z.boolean().default(false).describe("replace a prompted model that is there"),
});
export type CreatePromptedModelOptions = z.input<typeof CreatePromptedModelOptions>;

/** The prompted model that was made. */
export interface PromptedModel {
  out: string;
  /** `model_type` of the base model's config.json. */
  modelType: string;
  eosToken: string;
  eosTokenId: number;
  /** The chat template, in Jinja. */
  template: string;
  /** What was said aloud: a choice of EOS that was not the family's, and warnings. */
  notes: string[];
  /** One row. Polars is loaded when this is called. */
  frame(): Promise<DataFrame>;
}

/**
 * Makes a prompted model: the base model's folder again, with another chat template and EOS.
 * Weights are never read. The result is loaded again and its rendering compared before it is put
 * in place. Beside what every model has there are `stop.txt`, `longcot_config.json` and
 * `manifest.json`.
 *
 * Throws `InputError` for a bad option or a folder that is no model, `RunError` where it cannot be
 * written.
 */
export async function createPromptedModel(
  given: CreatePromptedModelOptions,
  overrides: Partial<StageContext> = {},
): Promise<PromptedModel> {
  const options = CreatePromptedModelOptions.parse(given);
  const context = defaultContext(overrides);
  const startedAt = context.now();
  const model = await readBaseModel(options.model);
  await checkPlaces(options.model, options.out, options.overwrite);
  const eos = chooseEos(model, options.eos);

  const form = promptedFormOf(options.template);
  const template = form === undefined
    ? await readTemplate(options.template)
    : promptedTemplate(form, options.variant);
  const expected = chatTemplateOf(template, {
    file: form === undefined ? options.template : `template ${form}`,
    specialTokens: { ...model.specialTokens, eos_token: eos.token },
  });
  const format = promptedFormat(options.variant);
  const changed = await newFiles(model, {
    template,
    eos,
    stop: stopsOf(format).join("\n"),
    longcot: longcotConfig(options.variant),
  });
  const inputs = await inputEntries(options.model);
  const kept = (await filesIn(options.model)).filter(({ name }) =>
    !changed.has(name) && name !== "manifest.json"
  );

  const notes = [...eos.notes];
  await replaceDirectory(options.out, async (temporary) => {
    for (const file of kept) {
      context.signal.throwIfAborted();
      const to = join(temporary, file.name);
      await Deno.mkdir(dirname(to), { recursive: true });
      await putFile(file, to, options.weights);
    }
    const outputs: FileEntry[] = [];
    for (const [name, text] of changed) {
      await Deno.writeTextFile(join(temporary, name), text);
      outputs.push({ path: name, sha256: sha256(text), rows: 0 });
    }
    notes.push(
      ...await checkRendering(temporary, {
        form,
        variant: options.variant,
        given: expected,
      }),
    );
    const manifest = manifestOf(options, { inputs, outputs, startedAt, endedAt: context.now() });
    await Deno.writeTextFile(
      join(temporary, "manifest.json"),
      JSON.stringify(manifest, null, 2) + "\n",
    );
    context.signal.throwIfAborted();
  });
  for (const note of notes) context.log(note);
  const { modelType } = model;
  const made = { out: options.out, modelType, eosToken: eos.token, eosTokenId: eos.id, template };
  const frame = async () => (await import("../view/prompted_frame.ts")).promptedFrame(made);
  return { ...made, notes, frame };
}

async function readTemplate(file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    throw new InputError(
      `--template ${file}: neither document nor rlmt, nor a readable file: ${messageOf(error)}`,
    );
  }
}

async function inputEntries(dir: string): Promise<FileEntry[]> {
  const names = ["config.json", TOKENIZER_CONFIG_FILE, "tokenizer.json"];
  return await Promise.all(names.map(async (name) => {
    const path = join(dir, name);
    return { path, sha256: await hashFile(path), rows: 0 };
  }));
}

function manifestOf(
  options: z.output<typeof CreatePromptedModelOptions>,
  run: { inputs: FileEntry[]; outputs: FileEntry[]; startedAt: number; endedAt: number },
): Manifest {
  const { out: _, overwrite: __, ...affects } = options;
  return {
    stage: "create-prompted-model",
    version: VERSION,
    status: "done",
    options,
    fingerprint: sha256(JSON.stringify([affects, run.inputs.map((input) => input.sha256)])),
    inputs: run.inputs,
    outputs: run.outputs,
    models: [options.model],
    seed: null,
    packages: packageVersions("@huggingface/jinja"),
    counts: {
      input: 0,
      kept: 0,
      rejected: 0,
      pending: 0,
      duplicates: 0,
      other: 0,
      rejected_by_reason: {},
    },
    tokens: {},
    cost: null,
    shard: { index: 0, count: 1 },
    failed: [],
    started_at: new Date(run.startedAt).toISOString(),
    ended_at: new Date(run.endedAt).toISOString(),
  };
}
