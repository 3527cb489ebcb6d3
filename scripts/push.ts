// deno task push --in DIR --repo OWNER/NAME [--no-dry-run]
/** Puts a dataset on the Hugging Face Hub. */
import { runCommand } from "../lib/cli/command.ts";
import { pushDataset, PushOptions } from "../lib/dataset/push.ts";

if (import.meta.main) {
  await runCommand({
    name: "push",
    summary: "puts a dataset on the Hugging Face Hub; a dry run unless told otherwise.",
    examples: [
      "push --in runs/dpo --repo me/my-pairs",
      "push --in runs/dpo --repo me/my-pairs --no-dry-run",
    ],
    options: PushOptions,
    run: pushDataset,
  });
}
