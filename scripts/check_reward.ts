// deno task check-reward --in SCORED --labels PATH --floor X
import { checkFloor } from "../lib/check_reward/check_floor.ts";
import { checkReward } from "../lib/check_reward/stage.ts";
import { runStageCommand } from "../lib/cli/command.ts";
import { forTerminal } from "../lib/core/hidden_characters.ts";

if (import.meta.main) {
  await runStageCommand(checkReward, async (options, context) => {
    const { rewardBenchTable, rewardLines, rewardTable } = await import(
      "../lib/check_reward/reward_table.ts"
    );
    const { tableLines } = await import("../lib/evaluate/evaluation_table.ts");
    const check = await checkReward(options, { context });
    const bench = rewardBenchTable(check);
    if (bench.length > 0) { for (const line of tableLines(bench)) console.log(forTerminal(line)); }
    for (const line of [...tableLines(rewardTable(check)), ...rewardLines(check)]) {
      console.log(forTerminal(line));
    }
    if (options.out !== undefined) console.log(`wrote ${forTerminal(options.out)}`);
    checkFloor(check, options.floor);
  });
}
