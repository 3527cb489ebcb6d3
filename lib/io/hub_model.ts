/** Models of the Hugging Face Hub by name: their files, in the cache that Python's library uses too. */
import { dirname, join } from "node:path";
import { z } from "zod";
import { InputError, messageOf } from "../core/errors.ts";
import { TASK_COMMAND } from "../core/packaged.ts";
import { hubCache } from "../core/user_cache.ts";
import { askHub, fetchFile, type HubContext, type RepoFile } from "./hub_download.ts";
import { HUB_PREFIX } from "./hub_options.ts";

export type { HubContext } from "./hub_download.ts";

const RepoInfo = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  siblings: z.array(z.object({
    rfilename: z.string(),
    size: z.number().optional(),
    lfs: z.object({ sha256: z.string() }).partial().nullish(),
  })),
});

/** Which of a repository's files are fetched. Throws `InputError` where one that is needed is not there. */
export type Wanted = {
  /** What `download --what` calls them. */
  what: string;
  choose: (repo: string, files: readonly RepoFile[]) => RepoFile[];
};

/** Configuration, tokenizer and chat template alone. */
export const tokenizerFiles: Wanted = {
  what: "tokenizer",
  choose: (_, files) => files.filter(isSmallFile),
};

/** A base model as trainers read it: its small files and its weights, as safetensors where it has them. */
export const baseFiles: Wanted = {
  what: "base",
  choose: (repo, files) => {
    const ending = [/^[\w-][\w.-]*\.safetensors$/, /^pytorch_model[\w.-]*\.bin$/];
    const weights = ending.map((each) => files.filter(({ rfilename }) => each.test(rfilename)))
      .find((found) => found.length > 0);
    if (weights === undefined) {
      throw new InputError(`${repo}: has no weights (*.safetensors) beside its config.json`);
    }
    return [...files.filter(isSmallFile), ...weights];
  },
};

/** A file of a repository's top folder that is no weights: JSON, a template, a vocabulary. */
export function isSmallFile({ rfilename }: RepoFile): boolean {
  return /^[\w-][\w.-]*\.(json|jinja|txt|model)$/.test(rfilename);
}

const NAME = /^([\w-][\w.-]*\/[\w-][\w.-]*)(?:@([\w.-]+))?$/;

/**
 * The folder that a name stands for: itself where it exists, else that of the Hub's model
 * `hf/OWNER/NAME`, of a branch, tag or commit with `@REVISION` behind it. With `bare` the prefix may
 * be left out, where a name that is no folder can be nothing else.
 *
 * @throws {InputError} where there is neither.
 */
export async function resolveFolder(
  name: string,
  context: HubContext,
  wanted: Wanted,
  { bare = false }: { bare?: boolean } = {},
): Promise<string> {
  const info = await Deno.stat(name).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return null;
    throw new InputError(`${name}: cannot be read`);
  });
  if (info?.isDirectory) return name;
  if (info !== null) throw new InputError(`${name}: not a folder`);
  const isHub = name.startsWith(HUB_PREFIX);
  const [, repo, revision] = NAME.exec(isHub ? name.slice(HUB_PREFIX.length) : name) ?? [];
  if (repo !== undefined && (isHub || bare)) {
    return await downloadModel(repo, context, wanted, revision);
  }
  throw new InputError(
    isHub
      ? `${name}: a model of the Hub is named hf/OWNER/NAME, or hf/OWNER/NAME@REVISION`
      : `${name}: no such folder`,
  );
}

/** The commit of a folder or file within the Hub's cache; undefined for any other. */
export function hubRevision(path: string): string | undefined {
  return /models--[^/]+\/snapshots\/([0-9a-f]{40})(?:\/|$)/.exec(path)?.[1];
}

/**
 * The folder of a revision of a model, by default its newest: the wanted files in
 * `HF_HOME/hub/models--OWNER--NAME/snapshots/COMMIT`. Those there are not fetched again; with the
 * Hub out of reach, or under HF_HUB_OFFLINE=1, the revision that was used last is taken.
 *
 * HF_ENDPOINT, HF_HOME, HF_HUB_CACHE and HF_TOKEN mean what they mean to Python's library.
 *
 * @throws {InputError} where the model or a wanted file is not there, or a file comes out other than
 * the Hub says.
 */
export async function downloadModel(
  repo: string,
  context: HubContext,
  wanted: Wanted,
  revision = "main",
): Promise<string> {
  const { env, log } = context;
  const folder = join(hubCache(env), `models--${repo.replace("/", "--")}`);
  const ref = join(folder, "refs", revision);
  const cached = async (problem: string) => {
    const snapshot = await lastUsed(folder, ref, problem);
    // A tokenizer's files alone may be there.
    wanted.choose(`${repo}: ${snapshot}`, filesUnder(snapshot));
    return snapshot;
  };
  if (/^(1|true|yes|on)$/i.test(env("HF_HUB_OFFLINE") ?? "")) {
    return await cached(`${repo}: no such folder, not in the cache, and HF_HUB_OFFLINE is set`);
  }
  let reply: Response;
  try {
    reply = await askHub(`/api/models/${repo}/revision/${revision}?blobs=true`, context);
  } catch (error) {
    context.signal.throwIfAborted();
    const noNetwork = error instanceof Deno.errors.NotCapable;
    const found = await cached(
      noNetwork
        ? `${repo}: no such folder, not in the cache, and this task has no network: get it with ` +
          `${TASK_COMMAND} download hf/${repo} --what ${wanted.what}`
        : `${repo}: no such folder, and the hub is out of reach: ${messageOf(error)}`,
    );
    if (!noNetwork) log(`${repo}: the hub is out of reach; using the revision in the cache`);
    return found;
  }
  if (!reply.ok) {
    await reply.body?.cancel();
    const gated = reply.status === 401 || reply.status === 403;
    throw new InputError(
      `${repo}: no such folder, and the hub answers ${reply.status} for it` +
        (gated ? " (HF_TOKEN may be needed)" : ""),
    );
  }
  const info = RepoInfo.safeParse(await reply.json().catch(() => null));
  if (!info.success) throw new InputError(`${repo}: the hub's answer cannot be read`);
  const { sha, siblings } = info.data;
  const snapshot = join(folder, "snapshots", sha);
  for (const file of wanted.choose(repo, siblings)) {
    await fetchFile(repo, sha, file, join(snapshot, file.rfilename), context);
  }
  await Deno.mkdir(dirname(ref), { recursive: true });
  await Deno.writeTextFile(ref, sha);
  return snapshot;
}

/** The files of a snapshot, its folders' too. */
function filesUnder(folder: string, within = ""): RepoFile[] {
  return [...Deno.readDirSync(join(folder, within))].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesUnder(folder, `${within}${name}/`) : [{ rfilename: within + name }]
  );
}

/** The revision that a ref names, where its folder is there. */
async function lastUsed(folder: string, ref: string, problem: string): Promise<string> {
  const sha = await Deno.readTextFile(ref).catch(() => null);
  const snapshot = sha === null ? null : join(folder, "snapshots", sha.trim());
  const info = snapshot === null ? null : await Deno.stat(snapshot).catch(() => null);
  if (snapshot === null || !info?.isDirectory) throw new InputError(problem);
  return snapshot;
}
