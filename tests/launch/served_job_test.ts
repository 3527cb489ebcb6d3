import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { readPolicyRecords } from "../../lib/io/records/read_records.ts";
import { createPromptedModel } from "../../lib/prompted/stage.ts";
import { runTask } from "../cli.ts";
import { processRuns } from "./process_runs.ts";

Deno.test("a job with --serve starts its server, samples its shard, and ends the server", async () => {
  const root = await Deno.makeTempDir();
  const folder = join(root, "it's a $(job)");
  const out = join(folder, "policy"), tokenizer = join(folder, "think");
  await Deno.mkdir(folder);
  await createPromptedModel(
    { model: "lib/embedded/policy", out: tokenizer, variant: "think" },
    { context: { log: () => {} } },
  );
  const pid = join(folder, "pid");
  const server = resolve("tests/launch/served_job_server.ts");
  const quoted = pid.replaceAll("'", `'\\''`);
  const launched = await runTask("launch", [
    ...["--stage", "sample-policy", "--shards", "2", "--out", out, "--dry-run"],
    ...["--serve", `'${Deno.execPath()}' run -A '${server}' {model} {port} '${quoted}'`],
    ...["--", "--prompts", "lib/embedded/prompts.jsonl", "--limit", "8", "--n", "2"],
    ...["--model", "vllm/it's a $(model)", "--tokenizer", tokenizer, "--format", "prompted-think"],
  ]);
  assert.equal(launched.code, 0, launched.stderr);
  // The script that SLURM would start, with what SLURM would set.
  const job = await new Deno.Command("bash", {
    args: ["-c", launched.stdout],
    env: { SLURM_ARRAY_TASK_ID: "1" },
    stdin: "null",
  }).output();
  assert.equal(job.code, 0, new TextDecoder().decode(job.stderr));
  const ids: string[] = [];
  for await (const record of readPolicyRecords(out, { allowPartial: true })) {
    ids.push(record.id);
    assert.equal(record.model, "it's a $(model)");
    assert.deepEqual(record.responses.map(({ answer }) => answer), ["here", "here"]);
  }
  assert.equal(ids.length, 4);
  assert.ok(!processRuns(Number(Deno.readTextFileSync(pid))));
  await Deno.remove(root, { recursive: true });
});
