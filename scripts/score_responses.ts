// deno task score-responses --in runs/policy --reward-model SPEC --out DIR --max-length 4096
import { runCommand } from "../lib/cli/command.ts";
import { scoreResponses, ScoreResponsesOptions } from "../lib/reward/score_responses.ts";

if (import.meta.main) {
  await runCommand({
    name: "score-responses",
    summary: "scores the answers alone with a reward model, thinking stripped (stage 3b)",
    examples: [
      "score-responses --in runs/policy --reward-model embedded --out runs/scored",
      "score-responses --in runs/policy --reward-model local/models/reward --out runs/scored",
    ],
    options: ScoreResponsesOptions,
    resumable: true,
    run: (options, context) => scoreResponses(options, context),
  });
}
