// deno task download hf/OWNER/NAME --what tokenizer|base|dataset
import { runCommand } from "../lib/cli/command.ts";
import { InputError } from "../lib/core/errors.ts";
import { downloadFromHub, DownloadOptions } from "../lib/io/hub/hub_named.ts";

if (import.meta.main) {
  await runCommand({
    name: "download",
    summary: "fetches a model or a dataset of the Hub into the cache, for tasks without network",
    examples: [
      "download hf/Qwen/Qwen3-8B --what tokenizer",
      "download hf/openai/gsm8k --what dataset --config main --split train",
    ],
    options: DownloadOptions,
    positionals: "hf/OWNER/NAME",
    run: async (options, context, { positionals: [name, ...others] }) => {
      if (name === undefined) throw new InputError("name it: download hf/OWNER/NAME (see --help)");
      if (others.length > 0) throw new InputError(`${others[0]}: one is fetched at a time`);
      for (const path of await downloadFromHub(name, options, context)) console.log(path);
    },
  });
}
