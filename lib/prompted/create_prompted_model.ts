/** Stage 1: a base model is given the chat template of a prompted model; nothing is trained. */
import type { z } from "zod";
import type { DataFrame } from "../core/frame.ts";
import type { StageContext } from "../core/context.ts";
import { InputError, messageOf } from "../core/errors.ts";
import { replaceDirectory } from "../io/disk/replace_directory.ts";
import { chatTemplateOf } from "../reply/chat_template.ts";
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
import { filesIn, putFiles } from "./copy_folder.ts";
import { newFiles, writeFiles } from "./new_files.ts";
import { promptedManifest } from "./prompted_manifest.ts";
import type { CreatePromptedModelOptions } from "./prompted_options.ts";

/** The prompted model that was made. */
export interface PromptedModel {
  /** Its folder. */
  out: string;
  /** `model_type` of the base model's config.json. */
  modelType: string;
  /** The token that ends a turn. */
  eosToken: string;
  /** Its id in the vocabulary. */
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
  named: z.output<typeof CreatePromptedModelOptions>,
  context: StageContext,
): Promise<PromptedModel> {
  const options = { ...named, model: await folderOf(named.model, context) };
  const startedAt = context.now();
  const model = await readBaseModel(options.model);
  await checkPlaces(options.model, options.out, options.overwrite);
  const eos = chooseEos(model, options.eos);

  const form = promptedFormOf(options.template);
  const template = form === undefined
    ? await readTemplate(options.template)
    : promptedTemplate(form, options.variant);
  const compiled = () =>
    chatTemplateOf(template, {
      file: form === undefined ? options.template : `template ${form}`,
      specialTokens: { ...model.specialTokens, eos_token: eos.token },
    });
  // The user's own may be refused, and that before anything is copied.
  const own = form === undefined ? compiled() : undefined;
  const format = promptedFormat(options.variant);
  const changed = await newFiles(model, {
    template,
    eos,
    stop: stopsOf(format).join("\n"),
    longcot: longcotConfig(options.variant),
  });
  const kept = filesIn(options.model).filter(({ name }) =>
    !changed.has(name) && name !== "manifest.json"
  );

  const notes = [...eos.notes];
  await replaceDirectory(options.out, async (temporary) => {
    // The system copies in threads of its own; what else is to be done is done beside it.
    const copying = putFiles(kept, temporary, options.weights, context.signal);
    const rest = (async () => {
      await writeFiles(temporary, changed);
      const expected = { form, variant: options.variant, given: own ?? compiled() };
      notes.push(...await checkRendering(temporary, expected));
      return await promptedManifest(options, changed, startedAt);
    })();
    // Neither goes on behind the other's error.
    await Promise.allSettled([copying, rest]);
    await copying;
    const manifest = { ...await rest, ended_at: new Date(context.now()).toISOString() };
    const text = JSON.stringify(manifest, null, 2) + "\n";
    await writeFiles(temporary, new Map([["manifest.json", text]]));
    context.signal.throwIfAborted();
  });
  for (const note of notes) context.log(note);
  const { modelType } = model;
  const made = { out: options.out, modelType, eosToken: eos.token, eosTokenId: eos.id, template };
  const frame = async () => (await import("../view/prompted_frame.ts")).promptedFrame(made);
  return { ...made, notes, frame };
}

/** The base model's folder, downloaded where it is named by the Hub. What does that is loaded then. */
async function folderOf(model: string, context: StageContext): Promise<string> {
  if (!model.startsWith("hf/")) return model;
  const { baseFiles, resolveFolder } = await import("../io/hub/hub_model.ts");
  return await resolveFolder(model, context, baseFiles);
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
