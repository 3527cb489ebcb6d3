/** Finding a model's servers among those that were named: several models may share one list. */
import { InputError, messageOf, ModelError } from "../../core/errors.ts";
import { ServerDown } from "./server_error.ts";
import { ServerPool, type ServerPoolOptions } from "./server_pool.ts";

/** What a server tells of the model that it was asked for, or the models that it has instead. */
export type ServerAnswer<I> = { info: I } | { serves: string[] };

/**
 * Asks every server for the model, and makes a pool of those that have it and those that do not
 * answer yet; `infos` are what they tell, by URL. Throws `InputError` where none has the model, or
 * none answers.
 */
export async function openPool<I>({ name, urls, context, ask }: {
  name: string;
  urls: readonly string[];
  context: ServerPoolOptions["context"];
  /** Throws `ServerDown` where nothing answers; any other failure ends the start. */
  ask: (url: string) => Promise<ServerAnswer<I>>;
}): Promise<{ pool: ServerPool; infos: Map<string, I> }> {
  const infos = new Map<string, I>(), down = new Map<string, ServerDown>();
  const others: string[] = [];
  await Promise.all(urls.map(async (url) => {
    try {
      const answer = await ask(url);
      if ("info" in answer) infos.set(url, answer.info);
      else others.push(`${url} serves ${quoted(answer.serves)}`);
    } catch (error) {
      if (error instanceof ServerDown) down.set(url, error);
      else if (error instanceof ModelError) throw new InputError(messageOf(error));
      else throw error;
    }
  }));
  if (infos.size === 0) {
    const missing = [...down.values()].map(({ message }) => `no server answers at ${message}`);
    throw new InputError(`model ${JSON.stringify(name)}: ${[...others, ...missing].join("; ")}`);
  }
  const pool = new ServerPool(urls.filter((url) => infos.has(url) || down.has(url)), {
    context,
    probe: async (url) => {
      if ("info" in await ask(url)) return;
      throw new InputError(`${url}: no longer serves ${name}`);
    },
  });
  for (const [url, error] of down) pool.setAside(url, error);
  return { pool, infos };
}

/** The answer of a server of one model, which goes by its whole name or by its folder's last part. */
export function singleModel<I>(model: string, name: string, info: I): ServerAnswer<I> {
  const trimmed = model.replace(/\/+$/, "");
  return trimmed === name || trimmed.endsWith(`/${name}`) ? { info } : { serves: [model] };
}

function quoted(names: readonly string[]): string {
  return names.map((each) => JSON.stringify(each)).join(", ") || "no model";
}
