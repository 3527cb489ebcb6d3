import assert from "node:assert/strict";
import { packagedTasks } from "../../lib/package/tasks.ts";
import { stages } from "../../lib/stages.ts";
import config from "../../deno.json" with { type: "json" };

Deno.test("the package has each task of a user's with its own permissions, and none of ours", () => {
  const tasks = packagedTasks(config.tasks);
  assert.deepEqual(tasks.report, {
    flags: config.tasks.report.replaceAll('"', "").split(" ").slice(2, -1),
    script: "scripts/report.js",
  });
  for (const name of ["test", "test:faults", "bench", "check", "ok", "pack", "write-formats"]) {
    assert.ok(!(name in tasks), name);
  }
  for (const { name } of stages) assert.ok(name in tasks, `${name} is not in the package`);
  for (const { flags } of Object.values(tasks)) assert.ok(!flags.includes("-A"));
});
