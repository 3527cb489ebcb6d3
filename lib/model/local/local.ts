/** Models in folders of transformers.js's layout: SPEC `local/DIR`, or `local/OWNER/NAME` of the Hub. */
import { basename, resolve } from "node:path";
import { loadChatTemplate } from "../../reply/chat_template.ts";
import { LocalChatModel, templatesOf } from "./chat_model.ts";
import { type HubContext, resolveFolder } from "../../io/hub_model.ts";
import { onnxFiles } from "./hub_files.ts";
import type { LocalRun } from "../sources/local_options.ts";
import { LocalRewardModel } from "./reward_model.ts";
import { LocalTextModel } from "./text_model.ts";

/**
 * The folder that a SPEC's name stands for: itself where it exists, else the hub's model of that
 * name, downloaded once. Throws `InputError` where there is neither.
 */
export function resolveLocal(
  name: string,
  context: HubContext,
  { dtype }: LocalRun = {},
): Promise<string> {
  return resolveFolder(name, context, onnxFiles(dtype), { bare: true });
}

/** Opens a policy. Throws `InputError`. */
export function localText(dir: string, run: LocalRun = {}): Promise<LocalTextModel> {
  return LocalTextModel.open(dir, { ...run, name: nameOf(dir) });
}

/** Opens a teacher. Throws `InputError`. */
export async function localChat(dir: string, run: LocalRun = {}): Promise<LocalChatModel> {
  const template = await loadChatTemplate(dir);
  return new LocalChatModel(await localText(dir, run), templatesOf(template));
}

/** Opens a reward model. Throws `InputError`. */
export function localReward(dir: string, run: LocalRun = {}): Promise<LocalRewardModel> {
  return LocalRewardModel.open(dir, { ...run, name: nameOf(dir) });
}

/** What records call a folder's model: its last name, for records are the same on any machine. */
function nameOf(dir: string): string {
  const hub = /models--(.+?)--([^/]+)\/snapshots\/[^/]+\/?$/.exec(dir);
  return hub ? `${hub[1]}/${hub[2]}` : basename(resolve(dir));
}
