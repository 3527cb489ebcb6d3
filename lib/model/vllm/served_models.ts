/** `/v1/models`: asked first, so that a wrong name or a wrong port is one clear line. */
import { z } from "zod";
import type { StageContext } from "../../core/context.ts";
import { InputError, messageOf, ModelError } from "../../core/errors.ts";
import { serverUrls } from "../call/base_urls.ts";
import { openPool, type ServerAnswer } from "../server/open_pool.ts";
import { ServerClient, type ServerOptions } from "../server/server_client.ts";
import { versionOf } from "../server/served_reward.ts";
import { ServerDown } from "../server/server_error.ts";

const Models = z.object({
  data: z.array(z.object({
    id: z.string(),
    root: z.string().nullish(),
    max_model_len: z.number().nullish(),
  })),
});

const KEY_NAME = "VLLM_API_KEY";

/** A model as its server tells of it. */
export interface ServedModel {
  /** Tokens of prompt and reply together, where the server says. */
  maxModelLen: number | null;
  /** The name or folder that it was loaded from, where the server says. */
  root: string | null;
}

/** A client, and the pool of the servers that have the model. Throws what `openPool` throws. */
export async function openServed({ name, baseUrls, context }: ServerOptions & { name: string }) {
  const client = new ServerClient(KEY_NAME, context), urls = serverUrls(baseUrls);
  const ask = (url: string) => askServedModels(client, url, name);
  const { pool, infos: served } = await openPool({ name, urls, context, ask });
  return { client, pool, served };
}

/**
 * The model as the server at `url` lists it, or the list's names where it is not among them.
 * Throws `ServerDown`, and `InputError` for what is no OpenAI-compatible server.
 */
async function askServedModels(
  client: ServerClient,
  url: string,
  name: string,
): Promise<ServerAnswer<ServedModel>> {
  let json: unknown;
  try {
    json = await client.get(url, "/v1/models");
  } catch (error) {
    if (error instanceof ServerDown || !(error instanceof ModelError)) throw error;
    throw new InputError(`no OpenAI-compatible server: ${messageOf(error)}`);
  }
  const models = Models.safeParse(json);
  if (!models.success) throw new InputError(`${url}/v1/models: not an OpenAI-compatible server`);
  const { data } = models.data, found = data.find(({ id }) => id === name);
  if (!found) return { serves: data.map(({ id }) => id) };
  return { info: { maxModelLen: found.max_model_len ?? null, root: found.root ?? null } };
}

/**
 * What a chat model's servers say of it, as text; undefined where none of them lists it, as gateways
 * may not. Throws `InputError` where no server answers.
 */
export async function servedVersion(
  name: string,
  baseUrls: readonly string[],
  context: Pick<StageContext, "env" | "fetch" | "signal">,
): Promise<string | undefined> {
  const client = new ServerClient(KEY_NAME, context), urls = serverUrls(baseUrls);
  const served: ServedModel[] = [], down: ServerDown[] = [];
  await Promise.all(urls.map(async (url) => {
    try {
      const answer = await askServedModels(client, url, name);
      if ("info" in answer) served.push(answer.info);
    } catch (error) {
      if (error instanceof ServerDown) down.push(error);
      else if (!(error instanceof InputError)) throw error;
    }
  }));
  if (down.length === urls.length) throw new InputError(`no server answers at ${down[0]!.message}`);
  return served.length > 0 ? versionOf(served) : undefined;
}
