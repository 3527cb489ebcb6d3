/** `/v1/models`: asked first, so that a wrong name or a wrong port is one clear line. */
import { z } from "zod";
import type { StageContext } from "../../core/context.ts";
import { InputError, messageOf, ModelError } from "../../core/errors.ts";
import { serverUrls } from "../call/base_urls.ts";
import { ServerClient } from "../server/server_client.ts";
import { versionOf } from "../server/served_reward.ts";
import { ServerDown } from "../server/server_error.ts";
import { headerKey } from "../withhold_key.ts";

const Models = z.object({
  data: z.array(z.object({
    id: z.string(),
    root: z.string().nullish(),
    max_model_len: z.number().nullish(),
  })),
});

/** A model as its server tells of it. */
export interface ServedModel {
  /** Tokens of prompt and reply together, where the server says. */
  maxModelLen: number | null;
  /** The name or folder that it was loaded from, where the server says. */
  root: string | null;
}

/**
 * The model as the server at `url` lists it, or the list's names where it is not among them.
 * Throws `ServerDown`, and `InputError` for what is no OpenAI-compatible server.
 */
export async function askServedModels(
  client: ServerClient,
  url: string,
  name: string,
): Promise<ServedModel | { serves: string[] }> {
  let json: unknown;
  try {
    json = await client.get(url, "/v1/models");
  } catch (error) {
    if (error instanceof ServerDown || !(error instanceof ModelError)) throw error;
    throw new InputError(`no OpenAI-compatible server: ${messageOf(error)}`);
  }
  const models = Models.safeParse(json);
  if (!models.success) throw new InputError(`${url}/v1/models: not an OpenAI-compatible server`);
  const found = models.data.data.find(({ id }) => id === name);
  if (found) return { maxModelLen: found.max_model_len ?? null, root: found.root ?? null };
  return { serves: models.data.data.map(({ id }) => id) };
}

/** The servers among `urls` that a model can be asked at, and those that do not answer yet. */
export interface FoundServers {
  /** What each server that answers says of the model. */
  served: Map<string, ServedModel>;
  down: { url: string; error: ServerDown }[];
}

/**
 * Finds the servers of a model. Servers of other models are left out: several models may share one
 * list of `--base-url`. Throws `InputError` where no server has it, or none answers.
 */
export async function findServers(
  client: ServerClient,
  urls: readonly string[],
  name: string,
): Promise<FoundServers> {
  const served = new Map<string, ServedModel>();
  const down: FoundServers["down"] = [];
  const others: string[] = [];
  await Promise.all(urls.map(async (url) => {
    try {
      const answer = await askServedModels(client, url, name);
      if ("serves" in answer) {
        const names = answer.serves.map((each) => JSON.stringify(each)).join(", ");
        others.push(`${url} serves ${names || "no model"}`);
      } else served.set(url, answer);
    } catch (error) {
      if (!(error instanceof ServerDown)) throw error;
      down.push({ url, error });
    }
  }));
  if (served.size > 0) return { served, down };
  const problems = [...others, ...down.map(({ error }) => `no server answers at ${error.message}`)];
  throw new InputError(`model ${JSON.stringify(name)}: ${problems.join("; ")}`);
}

/**
 * What a chat model's servers say of it, as text; undefined where none of them lists it, as gateways
 * may not. Throws `InputError` where no server answers.
 */
export async function servedVersion(
  name: string,
  baseUrls: readonly string[],
  { env, fetch }: Pick<StageContext, "env" | "fetch">,
): Promise<string | undefined> {
  const key = headerKey("VLLM_API_KEY", env("VLLM_API_KEY"));
  const client = new ServerClient({ fetch, key }), urls = serverUrls(baseUrls);
  const served: ServedModel[] = [], down: ServerDown[] = [];
  await Promise.all(urls.map(async (url) => {
    try {
      const answer = await askServedModels(client, url, name);
      if (!("serves" in answer)) served.push(answer);
    } catch (error) {
      if (error instanceof ServerDown) down.push(error);
      else if (!(error instanceof InputError)) throw error;
    }
  }));
  if (down.length === urls.length) throw new InputError(`no server answers at ${down[0]!.message}`);
  return served.length > 0 ? versionOf(served) : undefined;
}

/** Rejects where the server does not answer, or no longer has the model. */
export async function mustServe(client: ServerClient, url: string, name: string): Promise<void> {
  const answer = await askServedModels(client, url, name);
  if ("serves" in answer) throw new InputError(`${url}: no longer serves ${name}`);
}
