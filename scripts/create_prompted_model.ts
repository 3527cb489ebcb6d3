// deno task create-prompted-model --model models/Llama-3.1-8B --out models/zero-think --variant think
import { runStageCommand } from "../lib/cli/command.ts";
import { createPromptedModel } from "../lib/prompted/stage.ts";

if (import.meta.main) {
  await runStageCommand(createPromptedModel, async (options, context) => {
    const made = await createPromptedModel(options, { context });
    console.log(`${made.out}: ${made.modelType}, ${options.variant}, EOS ${made.eosToken}`);
  });
}
