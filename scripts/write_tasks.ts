// deno task write-formats: also a script, a task and a row of the README for each stage that has none
/** A stage's command: its file in scripts, and its line in deno.json. */
import type { StageFacts } from "../lib/run/define_stage.ts";
import { stages } from "../lib/stages.ts";

/** What a task may do where nobody has said: files, no network, packages with native code. */
const LIKE = "build-rl";

/** `drop-long` as `dropLong`, its name as a function of `thinkset`. */
export function callName(stage: string): string {
  return stage.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The path of a stage's script. */
export function scriptOf({ name }: StageFacts): string {
  return `scripts/${name.replaceAll("-", "_")}.ts`;
}

/** The text of a stage's script, where it needs no more than to run the stage. */
export function scriptText({ name, examples }: StageFacts, module: string): string {
  const call = callName(name);
  return `// deno task ${examples[0]}
import { runStageCommand } from "../lib/cli/command.ts";
import { ${call} } from "../lib/${module}";

if (import.meta.main) await runStageCommand(${call});
`;
}

/** The file of lib that a stage is in; help loads that one alone. */
async function moduleOf({ name }: StageFacts): Promise<string> {
  const list = await Deno.readTextFile("lib/stage_list.ts");
  for (const [, module] of list.matchAll(/^export \* from "\.\/(.*)";$/gm)) {
    const source = await Deno.readTextFile(`lib/${module}`);
    if (new RegExp(`^export const ${callName(name)}\\b`, "m").test(source)) return module!;
  }
  throw new Error(`no stage.ts of lib/stage_list.ts has "export const ${callName(name)}"`);
}

/** The tasks of deno.json with one for each stage, new ones before those that are no stages. */
export function withTasks(
  tasks: Record<string, string>,
  known: readonly StageFacts[],
): Record<string, string> {
  const missing = known.filter(({ name }) => tasks[name] === undefined);
  const made = missing.map((stage) => [
    stage.name,
    tasks[LIKE]!.replace(/ --v8-flags=\S+/, "").replace(/ scripts\/\S+$/, ` ${scriptOf(stage)}`),
  ]);
  const lines = Object.entries(tasks);
  const at = lines.findIndex(([name]) => name === LIKE) + 1;
  return Object.fromEntries([...lines.slice(0, at), ...made, ...lines.slice(at)]);
}

/** The README with a row in its table of stages for each that has none. */
export function withRows(readme: string, known: readonly StageFacts[]): string {
  const table = readme.match(/^\| stage +\|[^]*?(?=^(?!\|))/m)![0];
  const missing = known.filter(({ name }) => !table.includes(`\`${name}\``));
  const rows = missing.map(({ name, options, summary }) => {
    const input = "prompts" in options.shape ? "prompts" : "a run or dataset";
    return `| | \`${name}\` | ${input} | ${summary} |\n`;
  });
  return readme.replace(table, () => table + rows.join(""));
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

if (import.meta.main) {
  const readme = await Deno.readTextFile("README.md");
  await Deno.writeTextFile("README.md", withRows(readme, stages));
  for (const stage of stages) {
    const path = scriptOf(stage);
    if (await exists(path)) continue;
    await Deno.writeTextFile(path, scriptText(stage, await moduleOf(stage)));
    console.log(`${path} is new`);
  }
  const config = JSON.parse(await Deno.readTextFile("deno.json"));
  const tasks = withTasks(config.tasks, stages);
  const added = Object.keys(tasks).filter((name) => !(name in config.tasks));
  if (added.length > 0) {
    await Deno.writeTextFile("deno.json", JSON.stringify({ ...config, tasks }, null, 2) + "\n");
    console.log(`deno.json has a task for ${added.join(", ")}: give it -N if it asks servers`);
  }
}
