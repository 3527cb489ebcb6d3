import assert from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { PolicyRecord } from "../../lib/core/records.ts";
import { runRecords } from "../../lib/report/record_stage.ts";
import { fixedLimit } from "../../lib/run/concurrency_limit.ts";
import { defineStage, leavesRecords } from "../../lib/run/define_stage.ts";
import { recordRun } from "../../lib/run/record_run.ts";
import { runOptions } from "../../lib/run/run_options.ts";
import { inFolder } from "../cli.ts";

/** A stage without work, which opens three things, of which one cannot be closed. */
function opensThree(closed: string[], fails: boolean) {
  return defineStage({
    name: "opens-three",
    summary: "opens three things",
    examples: [],
    options: z.object(runOptions),
    leaves: leavesRecords("policy", PolicyRecord, () => {}),
    rejects: [],
    async run(call) {
      const input = await recordRun<PolicyRecord>(call.options, call.context, {
        paths: [],
        reading: {},
        read: async function* () {},
        content: ({ id }) => id,
      });
      return await runRecords<PolicyRecord, PolicyRecord>(call, input, ({ closing, folder }) => {
        const opens = (name: string) => ({ close: () => void closed.push(name) });
        closing(opens("first"));
        closing({ close: () => Promise.reject(new Error("cannot be closed")) });
        folder();
        closing(opens("last"));
        if (fails) throw new Error("cannot be opened");
        return {
          affects: {},
          work: () => Promise.reject(new Error("nothing to do")),
          models: [],
          packages: {},
          seed: null,
          slots: fixedLimit(1),
          timeoutMs: 1000,
        };
      });
    },
  });
}

for (const fails of [false, true]) {
  Deno.test(
    `what a stage opened is closed, the last first, ${
      fails ? "where it cannot be opened" : "at the end"
    }, though one of it cannot be`,
    () =>
      inFolder(async (folder) => {
        const closed: string[] = [], out = join(folder, "out");
        const run = async () =>
          await opensThree(closed, fails)({ out }, { context: { log: () => {} } });
        await assert.rejects(run, /cannot be closed/);
        assert.deepEqual(closed, ["last", "first"]);
        // OUT is free again: a second run is not refused.
        await assert.rejects(run, /cannot be closed/);
      }),
  );
}
