// deno task round --config FILE --rounds N
import { runCommand } from "../lib/cli/command.ts";
import { RoundOptions } from "../lib/round/round_options.ts";

if (import.meta.main) {
  await runCommand({
    name: "round",
    summary: "rounds of sampling, scoring, building and your own training command; run again, it " +
      "goes on",
    examples: ["round --config rounds.yaml", "round --config rounds.yaml --rounds 3"],
    options: RoundOptions,
    run: async ({ config: file, rounds: count }, context) => {
      const { readRoundConfig } = await import("../lib/round/read_config.ts");
      const { rounds } = await import("../lib/round/rounds.ts");
      const { tableLines } = await import("../lib/evaluate/evaluation_table.ts");
      const config = await readRoundConfig(file);
      const short = (hash: string | null) => hash?.slice(0, 8) ?? "";
      const rows = (await rounds(config, count, context)).map((told) => [
        String(told.round),
        short(told.policy),
        short(told.reference),
        told.reward.toFixed(3),
        `${(100 * told.malformed).toFixed(1)}%`,
        String(told.rows),
        short(told.trained),
      ]);
      const head = ["round", "policy", "reference", "mean reward", "malformed", "rows", "trained"];
      tableLines([head, ...rows]).forEach((line) => console.log(line));
    },
  });
}
