/**
 * Models in this process, in folders of transformers.js's layout: SPEC `local/DIR`, or
 * `local/OWNER/NAME` of the Hub. The face of this folder: nothing else of it is imported elsewhere.
 */
import { basename, resolve } from "node:path";
import type { HubContext } from "../../io/hub/hub_model.ts";
import { loadChatTemplate } from "../../reply/chat_template.ts";
import type { ChatModel } from "../chat_model.ts";
import type { RewardModel } from "../reward_model.ts";
import { chatModelOf, type TemplatesByFormat, templatesOf } from "./chat_model.ts";
import { resolveLocal } from "./hub_files.ts";
import type { SessionOptions } from "./onnx_session.ts";
import { openRewardModel } from "./reward_model.ts";
import { type LocalTextModel, openTextModel } from "./text_model.ts";

/** How a local model is opened. */
export interface LocalOptions extends SessionOptions {
  /** As records name it. Default: the folder's last name, for records are the same on any machine. */
  name?: string;
  /** What a model of the Hub is downloaded with, once; without it a folder must be named. */
  hub?: HubContext;
}

/** Opens a policy. Throws `InputError` where there is no such folder or model, or it is broken. */
export async function localText(
  where: string,
  options: LocalOptions & { slots?: number } = {},
): Promise<LocalTextModel> {
  const dir = await folderOf(where, options);
  return await openTextModel(dir, { ...options, name: options.name ?? nameOf(dir) });
}

/**
 * Opens a teacher, by the folder's own chat template where no templates are given. Throws as
 * {@link localText} does.
 */
export async function localChat(
  where: string,
  options: LocalOptions & { templates?: TemplatesByFormat } = {},
): Promise<ChatModel> {
  const dir = await folderOf(where, options);
  const templates = options.templates ?? templatesOf(await loadChatTemplate(dir));
  return chatModelOf(await localText(dir, options), templates);
}

/** Opens a reward model. Throws as {@link localText} does. */
export async function localReward(where: string, options: LocalOptions = {}): Promise<RewardModel> {
  const dir = await folderOf(where, options);
  return await openRewardModel(dir, { ...options, name: options.name ?? nameOf(dir) });
}

async function folderOf(where: string, { hub, dtype }: LocalOptions): Promise<string> {
  return hub === undefined ? where : await resolveLocal(where, hub, { dtype });
}

function nameOf(dir: string): string {
  const hub = /models--(.+?)--([^/]+)\/snapshots\/[^/]+\/?$/.exec(dir);
  return hub ? `${hub[1]}/${hub[2]}` : basename(resolve(dir));
}
