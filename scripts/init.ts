// deno task init DIR [--recipe embedded|rlmt-llama|rlmt-qwen|api-only]
import { runCommand } from "../lib/cli/command.ts";
import { InputError } from "../lib/core/errors.ts";
import { TASK_COMMAND } from "../lib/core/packaged.ts";
import { init } from "../lib/lab/init.ts";
import { InitOptions } from "../lib/lab/init_options.ts";

if (import.meta.main) {
  await runCommand({
    name: "init",
    summary: "a folder for work of your own: prompts, notebooks, a script of all stages",
    examples: ["init my-lab", "init my-lab --recipe rlmt-qwen"],
    options: InitOptions,
    positionals: "DIR",
    run: async (options, _, { positionals: [dir, ...others] }) => {
      if (dir === undefined) throw new InputError("name the folder: init my-lab (see --help)");
      if (others.length > 0) throw new InputError(`${others[0]}: one folder is made at a time`);
      await init(dir, options);
      console.log(`${dir}: made; look at ${dir}/run.sh, then: bash ${dir}/run.sh`);
      console.log(`notebooks: ${TASK_COMMAND} notebook ${dir}`);
    },
  });
}
