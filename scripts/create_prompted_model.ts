// deno task create-prompted-model --model models/Llama-3.1-8B --out models/zero-think --variant think
/** Stage 1: a prompted model from a base model. */
import { runCommand } from "../lib/cli/command.ts";
import {
  createPromptedModel,
  CreatePromptedModelOptions,
} from "../lib/prompted/create_prompted_model.ts";

if (import.meta.main) {
  await runCommand({
    name: "create-prompted-model",
    summary: "gives a base model the chat template that asks for a thought and a response",
    examples: [
      "create-prompted-model --model models/Llama-3.1-8B --out models/zero-think --variant think",
      "create-prompted-model --model models/Qwen2.5-7B --out models/zero-nothink --variant nothink " +
      "--template rlmt --weights hardlink",
    ],
    options: CreatePromptedModelOptions,
    run: async (options, context) => {
      const made = await createPromptedModel(options, context);
      console.log(`${made.out}: ${made.modelType}, ${options.variant}, EOS ${made.eosToken}`);
    },
  });
}
