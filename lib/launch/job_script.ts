/** The job script of one stage, for people to read: resources at the top, one command below. */
import { join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import { shortHash } from "../core/canonical.ts";
import { InputError } from "../core/errors.ts";
import { SCRIPT_ENDING } from "../core/packaged.ts";
import { type PlannedStage, valueOf } from "./launch_plan.ts";
import { sbatchValue, shellLine, shellQuote } from "./shell_quote.ts";

/** Where a job runs. */
export interface JobPlace {
  /** The Deno to run with, and thinkset's folder, as the nodes see them. */
  deno: string;
  home: string;
  /** The folder that relative paths in the stage's flags start from. */
  cwd: string;
  /** OUT/launch of the first stage. */
  folder: string;
}

/** A stage's place in its launch, as file names have it: `1-sample-policy`. */
export function stageLabel({ stage }: PlannedStage, index: number): string {
  return `${index + 1}-${stage.name}`;
}

/** The file that tells that a stage without a manifest has ended well. */
export function doneFile(planned: PlannedStage, index: number, folder: string): string {
  return join(folder, `${stageLabel(planned, index)}.done`);
}

/** The name that a stage's jobs have in the queue: its own for every OUT. */
export function jobName({ stage, out, flags }: PlannedStage): string {
  return `${stage.name}-${shortHash(out ?? flags.join("\0")).slice(0, 8)}`;
}

/** The text of a stage's job script. Throws `InputError` for values that cannot be in one. */
export function jobScript(planned: PlannedStage, index: number, place: JobPlace): string {
  const { resources, shards, stage } = planned;
  const label = stageLabel(planned, index);
  const log = join(place.folder, "logs", label).replaceAll("%", "%%");
  const directives: [string, string | null][] = [
    ["job-name", jobName(planned)],
    ["output", `${log}-${shards > 0 ? "%A_%a" : "%j"}.log`],
    // A job that is requeued or run again goes on in its log and in its OUT.
    ["open-mode", "append"],
    ["requeue", null],
  ];
  if (shards > 0) {
    const running = resources.parallel === undefined ? "" : `%${resources.parallel}`;
    directives.push(["array", `0-${shards - 1}${running}`]);
  }
  for (const name of ["partition", "gres", "time"] as const) {
    const value = resources[name];
    if (value !== undefined) directives.push([name, value]);
  }
  for (const given of resources.sbatch) {
    const [, name, value] = /^(?:--)?([a-z][a-z-]*)(?:=([^]*))?$/.exec(given) ?? [];
    if (name === undefined) throw new InputError(`--sbatch ${given}: give OPTION or OPTION=VALUE`);
    directives.push([name, value ?? null]);
  }
  const what = shards > 0
    ? `# ${stage.name}: shard $SLURM_ARRAY_TASK_ID of ${shards} (from 0).`
    : `# ${stage.name}.`;
  return [
    "#!/bin/bash",
    ...directives.map(([name, value]) =>
      value === null ? `#SBATCH --${name}` : `#SBATCH --${name}=${sbatchValue(name, value)}`
    ),
    "",
    `${what} Requeued or run again, it does only what is left.`,
    "set -eo pipefail",
    `cd ${shellQuote(place.cwd)}`,
    ...resources.setup.map((line) => oneLine("--setup", line)),
    ...lastLines(planned, index, place),
    "",
  ].join("\n");
}

function lastLines(planned: PlannedStage, index: number, place: JobPlace): string[] {
  const line = command(planned, stageLabel(planned, index), place);
  if (planned.stage.leaves.kind !== "nothing") {
    // In the shell's place, so that the stage itself gets SIGTERM and saves its work.
    return [`exec ${line}`];
  }
  const done = shellQuote(doneFile(planned, index, place.folder));
  return [`rm -f ${done}`, line, `touch ${done}`];
}

const tasks: Record<string, string> = config.tasks;

function command(planned: PlannedStage, label: string, place: JobPlace): string {
  const { stage, flags, shards } = planned;
  const task = tasks[stage.name];
  if (task === undefined) throw new InputError(`${stage.name}: deno.json has no task of this name`);
  const words = [...denoRun(task, place), ...flags.map(shellQuote)];
  if (shards > 0) words.push("--shard", `"$SLURM_ARRAY_TASK_ID/${shards}"`);
  const { serve, serveTimeout } = planned.resources;
  if (serve === undefined) return words.join(" ");
  const log = shellQuote(join(place.folder, "logs", `${label}-server`));
  const server = [
    ...denoRun(`deno run -A ${SERVE_SCRIPT}`, place),
    shellLine(["--serve", filled(serve, planned)]),
    `--log ${log}-"\${SLURM_ARRAY_TASK_ID:-0}".log --serve-timeout ${serveTimeout}`,
  ].join(" ");
  return `${server} -- \\\n  ${words.join(" ")}`;
}

const SERVE_SCRIPT = "scripts/serve_and_run.ts";

/**
 * A task's command line, run from any folder: `deno run -R scripts/x.ts` with whole paths, each word
 * as a shell reads it. Where packages lie is the node's own to say: its variables stay as they are.
 */
function denoRun(task: string, { deno, home }: JobPlace): string[] {
  return task.split(" ").flatMap((word) => {
    if (word === "deno") return [shellQuote(deno)];
    if (word === "run") return ["run", "--config", shellQuote(join(home, "deno.json"))];
    if (word.startsWith('"')) return [word];
    return [
      shellQuote(word.endsWith(".ts") ? join(home, word.replace(/\.ts$/, SCRIPT_ENDING)) : word),
    ];
  });
}

/** The server's command with the stage's model, quoted; the port is known only in the job. */
function filled(serve: string, { flags, stage: { name } }: PlannedStage): string {
  if (!serve.includes("{model}")) return oneLine("--serve", serve);
  const spec = valueOf(flags, "--model") ?? valueOf(flags, "--reward-model");
  const slash = spec?.indexOf("/") ?? -1;
  if (spec === undefined || slash < 0) {
    throw new InputError(`--serve: {model} needs --model vllm/NAME among the flags of ${name}`);
  }
  return oneLine("--serve", serve.replaceAll("{model}", () => shellQuote(spec.slice(slash + 1))));
}

function oneLine(flag: string, text: string): string {
  if (/[\r\n\0]/.test(text)) throw new InputError(`${flag}: must be one line`);
  return text;
}
