// deno task evaluate --in SCORED [--in SCORED …] --against SCORED --labels PATH
import { runStageCommand } from "../lib/cli/command.ts";
import { forTerminal } from "../lib/core/hidden_characters.ts";
import { evaluate } from "../lib/evaluate/stage.ts";

if (import.meta.main) {
  await runStageCommand(evaluate, async (options, context) => {
    const { evaluationTable, sourcesTable, tableLines } = await import(
      "../lib/evaluate/evaluation_table.ts"
    );
    const evaluation = await evaluate(options, { context });
    const say = (line: string) => console.log(forTerminal(line));
    tableLines(evaluationTable(evaluation)).forEach(say);
    if (options.bySource) tableLines(sourcesTable(evaluation)).forEach(say);
    for (const { name, prompts, labelled, unpaired } of evaluation.runs) {
      if (labelled < prompts) {
        say(`${name}: ${prompts - labelled} of ${prompts} prompts have no label`);
      }
      if (unpaired) say(`${name}: ${unpaired} of ${prompts} prompts are not in the base`);
    }
    const changes = evaluation.base ? "changes against the first line" : "figures";
    say(`shares in per cent; brackets: 95% intervals of the ${changes}, over prompts`);
    if (options.out !== undefined) say(`wrote ${options.out}`);
  });
}
