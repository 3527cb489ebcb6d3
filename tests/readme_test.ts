import assert from "node:assert/strict";
import config from "../deno.json" with { type: "json" };
import { inFolder, runTask } from "./cli.ts";

type Task = keyof typeof config.tasks;

/** The command lines of the README's fences of a kind: `sh` alone is run here. */
function commands(kind: string): string[][] {
  const readme = Deno.readTextFileSync("README.md");
  const lines: string[] = [];
  for (const [, info, body] of readme.matchAll(/^```(sh[^\n]*)\n([\s\S]*?)^```/gm)) {
    if (info === kind) lines.push(...body!.trim().split("\n"));
  }
  return lines.map((line) => {
    const prefix = "npx -y deno@2.9.6 task ";
    assert.ok(line.startsWith(prefix), line);
    return [...line.slice(prefix.length).matchAll(/"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2]!);
  });
}

const kinds = ["sh setup", "sh", "sh needs-keys", "sh needs-servers", "sh needs-cluster"];

Deno.test("every command of the README is a task there is, with flags it has", async () => {
  for (const [task, ...args] of kinds.flatMap(commands)) {
    assert.ok(task! in config.tasks, task);
    if (task === "test") continue;
    const { code, stdout } = await runTask(task as Task, ["--help"]);
    assert.equal(code, 0, task);
    const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
    for (const flag of own.filter((arg) => arg.startsWith("--"))) {
      assert.match(stdout, new RegExp(`^  ${flag} `, "m"), `${task} ${flag}`);
    }
  }
});

Deno.test("the README's steps on the embedded models run one after the other", () =>
  inFolder(async (folder) => {
    for (const [task, ...args] of commands("sh")) {
      const here = args.map((arg) => arg.replace("runs/", `${folder}/`));
      const { code, stderr } = await runTask(task as Task, here);
      assert.equal(code, 0, `${task}: ${stderr}`);
    }
  }));
