/** What `download` does: fetches by a name of the Hub, whatever it names. */
import { z } from "zod";
import type { StageContext } from "../../core/context.ts";
import { InputError } from "../../core/errors.ts";
import { baseFiles, resolveFolder, tokenizerFiles } from "./hub_model.ts";
import { HUB_PREFIX } from "./hub_options.ts";

/** Options of `download`; each is a flag of it. */
export const DownloadOptions = z.object({
  what: z.enum(["tokenizer", "base", "dataset"]).describe(
    "a model's small files, the same with its weights, or a dataset",
  ),
  revision: z.string().min(1).optional().describe("a branch, a tag or a commit (default main)"),
  config: z.string().min(1).optional().describe(
    "the dataset's configuration, where it has several",
  ),
  split: z.string().min(1).optional().describe("the dataset's split, where it has several, or all"),
});

/**
 * Fetches into the cache, and gives the model's folder or the dataset's files.
 *
 * @throws {InputError} for a name that is none of the Hub's, and as reading it would.
 */
export async function downloadFromHub(
  name: string,
  { what, ...of }: z.output<typeof DownloadOptions>,
  context: StageContext,
): Promise<string[]> {
  if (!name.startsWith(HUB_PREFIX)) {
    throw new InputError(`${name}: what is on the Hub is named hf/OWNER/NAME`);
  }
  if (what === "dataset") {
    const { hubFiles } = await import("./hub_dataset.ts");
    const { env, fetch, signal } = context;
    return (await hubFiles(name, { ...of, env, fetch, signal })).map(({ at }) => at);
  }
  const given = Object.entries({ config: of.config, split: of.split }).find(([, value]) => value);
  if (given !== undefined) throw new InputError(`--${given[0]}: belongs to --what dataset`);
  const wanted = what === "base" ? baseFiles : tokenizerFiles;
  const revision = of.revision === undefined ? "" : `@${of.revision}`;
  return [await resolveFolder(name + revision, context, wanted)];
}
