// deno task sample-policy --prompts PATH --model SPEC --tokenizer DIR --format prompted-think --out DIR
import { runCommand } from "../lib/cli/command.ts";
import { samplePolicy, SamplePolicyOptions } from "../lib/policy/sample_policy.ts";

if (import.meta.main) {
  await runCommand({
    name: "sample-policy",
    summary: "samples n replies a prompt from the policy (stage 3a)",
    examples: [
      "sample-policy --prompts prompts.jsonl --model embedded --format prompted-think --out runs/policy",
      "sample-policy --prompts prompts.jsonl --model local/models/policy-think " +
      "--format prompted-think --n 8 --temperature 0.7 --out runs/policy",
      "sample-policy --from runs/policy/manifest.json --temperature 1 --out runs/policy-t1",
    ],
    options: SamplePolicyOptions,
    resumable: true,
    run: (options, context) => samplePolicy(options, context),
  });
}
