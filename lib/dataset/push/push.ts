/** Puts a dataset on the Hugging Face Hub: its card and its Parquet files, as they were built. */
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { StageContext } from "../../core/context.ts";
import { InputError, messageOf, RunError } from "../../core/errors.ts";
import type { Manifest } from "../../core/manifest.ts";
import { hashFile } from "../../io/disk/hash_file.ts";
import { hubAddress } from "../../io/hub/hub_repo.ts";
import { readTrainingFile } from "../../io/records/training_file.ts";
import type { StageCall } from "../../run/define_stage.ts";
import { readManifest } from "../../io/records/manifest_file.ts";
import { cardSection } from "../build/card.ts";
import type { PushOptions } from "./push_options.ts";

/** What was pushed, or would be. */
export interface PushResult {
  /** OWNER/NAME on the Hub. */
  repo: string;
  /** Paths in the repository. */
  files: string[];
  /** Bytes of all files together. */
  bytes: number;
  /** The commit's address; null for a dry run. */
  commit: string | null;
}

/**
 * Runs `push`: README.md and the Parquet files that the card names, in one commit; what
 * `check-training --save` found is added to the card. Manifest, rejects, Arrow files and exports
 * stay here.
 */
export async function push(
  { options, context }: StageCall<typeof PushOptions>,
): Promise<PushResult> {
  const { in: folder, repo, branch, dryRun, ...given } = options;
  const files = filesToPush(folder);
  let bytes = 0;
  for (const { path, sha256 } of files) {
    const file = join(folder, path);
    if (await hashFile(file, { signal: context.signal }) !== sha256) {
      throw new InputError(`${file}: is not what was built (its hash is not the manifest's)`);
    }
    bytes += (await Deno.stat(file)).size;
  }
  const hubUrl = given.hubUrl ?? hubAddress(context.env);
  const result = { repo, files: files.map(({ path }) => path), bytes, commit: null };
  const what = `${files.length} files, ${
    (bytes / 1e6).toFixed(1)
  } MB, to ${hubUrl}/datasets/${repo}`;
  if (dryRun) {
    for (const path of result.files) context.log(path);
    context.log(`push: would push ${what} (dry run; --no-dry-run pushes)`);
    return result;
  }
  const token = context.env("HF_TOKEN");
  if (!token) throw new InputError("HF_TOKEN is not set: the Hub's token is taken from there");
  const commit = await upload(
    folder,
    result.files,
    { repo, branch, hubUrl, token, ...given },
    context,
  );
  context.log(`push: pushed ${what}`);
  return { ...result, commit };
}

/** The card and the Parquet files, by the manifest. */
function filesToPush(folder: string): Manifest["outputs"] {
  const manifest = readManifest(join(folder, "manifest.json"));
  if (manifest === undefined) throw new InputError(`${folder}: no manifest.json: not a dataset`);
  const files = manifest.outputs.filter(({ path }) =>
    isCard(path) || /\.(parquet|svg)$/.test(path)
  );
  if (files.some(({ path }) => isCard(path))) return files;
  const inside = files.map(({ path }) => /^(.+)\/data\//.exec(path)?.[1]).filter(Boolean);
  if (inside.length === 0) throw new InputError(`${folder}: not a dataset: it has no README.md`);
  throw new InputError(
    `${folder}: holds several datasets: push one of ${[...new Set(inside)].join(", ")}`,
  );
}

const isCard = (path: string) => path === "README.md";

/** The card with what check-training found; undefined where nothing is to be added. */
async function cardToPush(folder: string): Promise<Blob | undefined> {
  const sections = await readTrainingFile(folder);
  if (sections.length === 0) return undefined;
  const card = await Deno.readTextFile(join(folder, "README.md"));
  return new Blob([card.trimEnd(), ...sections.map((each) => `\n\n${cardSection(each)}`), "\n"]);
}

async function upload(
  folder: string,
  paths: readonly string[],
  to: { repo: string; branch: string; hubUrl: string; token: string; private: boolean },
  context: StageContext,
): Promise<string> {
  const { createRepo, HubApiError, uploadFiles } = await import("@huggingface/hub");
  const repo = { type: "dataset", name: to.repo } as const;
  const common = { repo, accessToken: to.token, hubUrl: to.hubUrl, fetch: context.fetch };
  try {
    await createRepo({ ...common, visibility: to.private ? "private" : "public" })
      .catch((error: unknown) => {
        // 409: the repository is there already.
        if (!(error instanceof HubApiError && error.statusCode === 409)) throw error;
      });
    const output = await uploadFiles({
      ...common,
      branch: to.branch,
      commitTitle: "Add the dataset",
      abortSignal: context.signal,
      files: await Promise.all(paths.map(async (path) => ({
        path,
        content: isCard(path) && await cardToPush(folder) ||
          pathToFileURL(resolve(join(folder, path))),
      }))),
    });
    return output?.commit.url ?? `${to.hubUrl}/datasets/${to.repo}`;
  } catch (error) {
    context.signal.throwIfAborted();
    const status = error instanceof HubApiError ? ` (status ${error.statusCode})` : "";
    const message = messageOf(error).replaceAll(to.token, "***");
    throw new RunError(`push: the Hub did not take it${status}: ${message}`);
  }
}
