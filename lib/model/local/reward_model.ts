/** A reward model in a folder: its chat template, its tokenizer, its graph. */
import { messageOf, ModelError } from "../../core/errors.ts";
import type { Message } from "../../core/records.ts";
import { loadChatTemplate } from "../../reply/chat_template.ts";
import { fitToLength, judgedChat } from "../fit_to_length.ts";
import { renderChat } from "../render_chat.ts";
import type { RewardModel, Score } from "../reward_model.ts";
import { openClassifier } from "./classifier.ts";
import { encodeAtMost } from "./encode_at_most.ts";
import { readLocalConfig } from "./folder.ts";
import type { SessionOptions } from "./onnx_session.ts";
import { loadTokenizer } from "./tokenizer.ts";

/** Prompts worth having in flight: texts are read one at a time, the next ones should be there. */
const CONCURRENCY = 4;

/**
 * Opens a sequence classifier in a folder. Throws `InputError` that names what is missing or
 * unreadable.
 *
 * The model's own chat template renders prompt and answer, with one BOS where the tokenizer puts
 * one. A text longer than `maxLength`, or than the model can read, is cut by `fitToLength`.
 */
export async function openRewardModel(
  dir: string,
  { name, ...run }: { name: string } & SessionOptions,
): Promise<RewardModel> {
  const { maxPositions } = await readLocalConfig(dir);
  const template = await loadChatTemplate(dir);
  const tokenizer = await loadTokenizer(dir), { bosToken } = tokenizer;
  const classifier = await openClassifier(dir, run);
  let closed = false;
  const encode = (
    chat: readonly Message[],
    { limit, addGenerationPrompt }: { limit: number; addGenerationPrompt: boolean },
  ) => {
    const text = renderChat(template, chat, { addGenerationPrompt });
    const addSpecial = bosToken !== null && !text.startsWith(bosToken);
    return encodeAtMost(tokenizer, text, limit, { addSpecial });
  };
  const scoreOf = async (tokens: readonly number[], signal: AbortSignal | undefined) => {
    signal?.throwIfAborted();
    if (closed) throw new ModelError("fatal", "the reward model is closed");
    const score = await classifier.run(tokens).catch((cause) => {
      throw new ModelError("fatal", `the reward model failed: ${messageOf(cause)}`, { cause });
    });
    if (Number.isFinite(score)) return score;
    throw new ModelError("reject", `the reward is ${score}`, { reason: "not_finite" });
  };
  return {
    name,
    folder: dir,
    concurrency: CONCURRENCY,
    packages: ["@huggingface/transformers", "onnxruntime-node"],
    async score(items, { maxLength, signal }) {
      const limit = Math.min(maxLength, maxPositions);
      const scores: Score[] = [], known = new Map<string, number>();
      for (const item of items) {
        const { tokens, truncated } = await fitToLength(
          item,
          limit,
          (chat, options) => encode(chat, { limit, ...options }),
        );
        const text = tokens.join();
        // Replies to one prompt are often the same.
        const score = known.get(text) ?? await scoreOf(tokens, signal);
        known.set(text, score);
        scores.push({ score, truncated });
      }
      return scores;
    },
    tokensOf: (item) =>
      Promise.resolve(
        encode(judgedChat(item), { limit: maxPositions, addGenerationPrompt: false }),
      ),
    /** Fails what is unfinished and frees the model's memory. */
    async close() {
      closed = true;
      await classifier.close();
    },
  };
}
