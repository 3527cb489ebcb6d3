// deno task run-notebook notebooks/*.ipynb --out runs/notebooks --set seed=7
import { runCommand } from "../lib/cli/command.ts";
import { RunNotebookOptions, runNotebooks } from "../lib/notebook/run_notebooks.ts";

if (import.meta.main) {
  await runCommand({
    name: "run-notebook",
    summary: "executes notebooks on a Jupyter server and saves them with all their outputs",
    examples: [
      "run-notebook notebooks/03_sft_dataset.ipynb",
      "run-notebook notebooks/*.ipynb --jobs 2 --out runs/nb --set out='\"runs/nb/data\"'",
      "run-notebook my.ipynb --server http://127.0.0.1:8888/ --cell-timeout 60",
    ],
    options: RunNotebookOptions,
    positionals: "NOTEBOOK...",
    run: (options, context, { positionals }) => runNotebooks(positionals, options, context),
  });
}
