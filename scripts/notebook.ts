// deno task notebook [DIR] --port 8888
import { runCommand } from "../lib/cli/command.ts";
import { InputError } from "../lib/core/errors.ts";
import { NotebookOptions, openLab } from "../lib/notebook/open_lab.ts";

if (import.meta.main) {
  await runCommand({
    name: "notebook",
    summary: "JupyterLab with the Deno kernel; the first start makes its environment",
    examples: ["notebook", "notebook my-lab", "notebook --port 9000 --no-browser"],
    options: NotebookOptions,
    positionals: "[DIR]",
    run: async (options, context, { positionals: [dir, ...others] }) => {
      if (others.length > 0) throw new InputError(`${others[0]}: one folder is opened at a time`);
      await openLab(options, context, dir);
    },
  });
}
