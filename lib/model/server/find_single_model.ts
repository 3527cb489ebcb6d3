/** Finding the servers of a model among servers that have one model each (TEI, SGLang). */
import { InputError, messageOf, ModelError } from "../../core/errors.ts";
import { ServerDown } from "./server_error.ts";
import { ServerPool, type ServerPoolOptions } from "./server_pool.ts";

/** What a server says of itself; `model` is the name or folder that it was started with. */
export interface ServerInfo {
  model: string;
}

/**
 * Asks every server what it serves. Servers of other models are left out. Throws `InputError`
 * where none has the model, or none answers.
 */
export async function findSingleModelServers<I extends ServerInfo>(options: {
  name: string;
  urls: readonly string[];
  context: ServerPoolOptions["context"];
  ask: (url: string) => Promise<I>;
}): Promise<{ pool: ServerPool; infos: I[] }> {
  const { name, urls, context } = options;
  const infos = new Map<string, I>();
  const down = new Map<string, ServerDown>();
  const others: string[] = [];
  await Promise.all(urls.map(async (url) => {
    try {
      const info = await options.ask(url);
      if (isNamed(info.model, name)) infos.set(url, info);
      else others.push(`${url} serves ${JSON.stringify(info.model)}`);
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
  const usable = urls.filter((url) => infos.has(url) || down.has(url));
  const pool = new ServerPool(usable, {
    context,
    probe: async (url) => {
      const { model } = await options.ask(url);
      if (!isNamed(model, name)) throw new InputError(`${url}: no longer serves ${name}`);
    },
  });
  for (const [url, error] of down) pool.setAside(url, error);
  return { pool, infos: [...infos.values()] };
}

/** A model by its whole name, or by the last part of the folder that it was started from. */
function isNamed(model: string, name: string): boolean {
  const trimmed = model.replace(/\/+$/, "");
  return trimmed === name || trimmed.endsWith(`/${name}`);
}
