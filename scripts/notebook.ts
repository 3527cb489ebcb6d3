// deno task notebook --port 8888
import { runCommand } from "../lib/cli/command.ts";
import { NotebookOptions, openLab } from "../lib/notebook/open_lab.ts";

if (import.meta.main) {
  await runCommand({
    name: "notebook",
    summary: "JupyterLab with the Deno kernel; the first start makes its environment",
    examples: ["notebook", "notebook --port 9000 --no-browser"],
    options: NotebookOptions,
    run: openLab,
  });
}
