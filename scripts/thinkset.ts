// deno task thinkset --help
import { completion, SHELLS } from "../lib/cli/completion.ts";
import { didYouMean } from "../lib/core/did_you_mean.ts";
import { VERSION } from "../lib/core/version.ts";
import config from "../deno.json" with { type: "json" };
import { packagedTasks } from "../lib/package/tasks.ts";
import { stages } from "../lib/stages.ts";

/** What tasks that are no stages do, in a line. */
const OTHERS: Record<string, string> = {
  demo: "all stages in both variants on the embedded models, offline",
  launch: "a stage's shards on a SLURM cluster",
  notebook: "JupyterLab with the Deno kernel, from nothing",
  "run-notebook": "executes notebooks headlessly",
  download: "a model or a dataset of the Hub into the cache, for tasks without network",
  prove: "the embedded policy trained on such data, beside controls",
  round: "rounds of sampling, scoring, building and a training command of your own",
  push: "uploads a dataset to the Hub",
  init: "a folder for work of your own: prompts, notebooks, a script of all stages",
};

/** What `thinkset` says where no task is named: help, version, completions, or what was meant. */
function say(args: readonly string[]): number {
  const tasks = Object.keys((config as { tasks?: Record<string, string> }).tasks ?? {});
  const [word, shell] = args;
  if (word === "--version" || word === "-V") console.log(`thinkset ${VERSION}`);
  else if (word === undefined || ["--help", "-h", "help"].includes(word)) console.log(help());
  else if (word === "completion") {
    const known = SHELLS.find((each) => each === shell);
    if (known === undefined) {
      console.error(`thinkset completion: one of ${SHELLS.join(", ")}`);
      return 2;
    }
    console.log(completion(known, names()));
  } else {
    console.error(
      `thinkset: there is no task ${word}${didYouMean(word, [...names(), ...tasks])} (see --help)`,
    );
    return 2;
  }
  return 0;
}

function names(): string[] {
  return Object.keys(packagedTasks(config.tasks)).filter((name) => name !== "thinkset");
}

function help(): string {
  const summaries = new Map(stages.map(({ name, summary }) => [name, summary]));
  const width = Math.max(...names().map((name) => name.length));
  const lines = names().map((name) =>
    `  ${name.padEnd(width)}  ${summaries.get(name) ?? OTHERS[name] ?? ""}`.trimEnd()
  );
  return [
    "thinkset: SFT and DPO data with and without thinking, from a base model and prompts",
    "Usage: thinkset TASK [flags]   (thinkset TASK --help tells its flags)",
    `Tasks:\n${lines.join("\n")}`,
    "Also: thinkset --version, thinkset completion bash|zsh|fish",
  ].join("\n\n");
}

if (import.meta.main) Deno.exit(say(Deno.args));
