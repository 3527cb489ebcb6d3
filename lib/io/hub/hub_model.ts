/** Models of the Hugging Face Hub by name: their files, in the cache that Python's library uses too. */
import { InputError } from "../../core/errors.ts";
import { statOf } from "../disk/folder.ts";
import { fetchFile } from "./hub_download.ts";
import { HUB_PREFIX } from "./hub_options.ts";
import { type HubContext, openRepo, type RepoFile, type RepoName } from "./hub_repo.ts";

export type { HubContext } from "./hub_repo.ts";

/** Which of a repository's files are fetched. Throws `InputError` where one that is needed is not there. */
export type Wanted = {
  /** What `download --what` calls them, where it fetches such. */
  what?: RepoName["what"];
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
  const info = await statOf(name);
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
 * `HF_HOME/hub/models--OWNER--NAME/snapshots/COMMIT`. Those there are not fetched again.
 *
 * @throws {InputError} where the model or a wanted file is not there, or a file comes out other than
 * the Hub says.
 */
export async function downloadModel(
  name: string,
  context: HubContext,
  { what, choose }: Wanted,
  revision = "main",
): Promise<string> {
  const about = `${name}: no such folder, and`;
  const repo = await openRepo({ kind: "model", name, revision, about, what }, context);
  // Of one in the cache a tokenizer's files alone may be there.
  const files = choose(repo.isCached ? `${name}: ${repo.snapshot}` : name, repo.files);
  for (const file of files) await fetchFile(repo, file, context);
  if (!repo.isCached) await repo.remember();
  return repo.snapshot;
}
