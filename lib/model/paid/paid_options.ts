/** Options of stages whose model may be paid for: pace, cap, prices, batches. */
import { z } from "zod";

/** Fields of a stage's options. */
export const paidOptions = {
  thinkingBudget: z.number().int().nonnegative().optional().describe(
    "tokens for the model's own thinking, beside --max-tokens",
  ),
  api: z.enum(["responses", "chat"]).optional().describe(
    "OpenAI's API to speak (default: responses at OpenAI, chat elsewhere)",
  ),
  geminiSdk: z.enum(["genai", "generative-ai"]).default("genai").describe(
    "Google's SDK for gemini/NAME: @google/genai, or the older @google/generative-ai",
  ),
  rpm: z.number().positive().optional().describe("requests a minute at most"),
  tpm: z.number().positive().optional().describe("tokens a minute at most"),
  estimate: z.boolean().default(false).describe("say what the run would cost, and send nothing"),
  maxCostUsd: z.number().positive().optional().describe(
    "stop before this is spent, with what is in flight (each shard by itself)",
  ),
  prices: z.string().optional().describe("JSON file of prices that go before the built-in ones"),
  batch: z.boolean().default(false).describe(
    "through the batches of OpenAI or Gemini: cheaper, within a day",
  ),
  allowMalformed: z.boolean().default(false).describe(
    "go on paying though more than half of the replies are of no use",
  ),
};

const Paid = z.object(paidOptions);
/** With all defaults filled in. */
export type PaidOptions = z.output<typeof Paid>;
