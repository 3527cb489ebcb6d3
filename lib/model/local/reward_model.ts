/** A reward model in a folder: its chat template, its tokenizer, its graph. */
import { messageOf, ModelError } from "../../core/errors.ts";
import { type ChatTemplate, loadChatTemplate } from "../../reply/chat_template.ts";
import { fitToLength } from "../fit_to_length.ts";
import { renderChat } from "../render_chat.ts";
import type { LocalRun } from "../sources/local_options.ts";
import type { RewardModel, Score, ScoringItem } from "../reward_model.ts";
import { Classifier } from "./classifier.ts";
import { encodeAtMost } from "./encode_at_most.ts";
import { readLocalConfig } from "./folder.ts";
import { loadTokenizer, type Tokenizer } from "./tokenizer.ts";

/** Prompts worth having in flight: texts are read one at a time, the next ones should be there. */
const CONCURRENCY = 4;

/**
 * A sequence classifier that runs in this process.
 *
 * The model's own chat template renders prompt and answer, with one BOS where the tokenizer puts
 * one. A text longer than `maxLength`, or than the model can read, is cut by `fitToLength`.
 */
export class LocalRewardModel implements RewardModel {
  readonly name: string;
  readonly folder: string;
  readonly concurrency = CONCURRENCY;
  readonly packages = ["@huggingface/transformers", "onnxruntime-node"] as const;
  readonly #classifier: Classifier;
  readonly #tokenizer: Tokenizer;
  readonly #template: ChatTemplate;
  readonly #maxPositions: number;
  #closed = false;

  private constructor(
    { name, folder }: { name: string; folder: string },
    classifier: Classifier,
    tokenizer: Tokenizer,
    template: ChatTemplate,
    maxPositions: number,
  ) {
    this.name = name;
    this.folder = folder;
    this.#classifier = classifier;
    this.#tokenizer = tokenizer;
    this.#template = template;
    this.#maxPositions = maxPositions;
  }

  /** Loads a folder. Throws `InputError` that names what is missing or unreadable. */
  static async open(
    dir: string,
    options: { name: string } & LocalRun,
  ): Promise<LocalRewardModel> {
    const { maxPositions } = await readLocalConfig(dir);
    const template = await loadChatTemplate(dir);
    const tokenizer = await loadTokenizer(dir);
    const classifier = await Classifier.open(dir, options);
    const named = { name: options.name, folder: dir };
    return new LocalRewardModel(named, classifier, tokenizer, template, maxPositions);
  }

  async score(
    items: readonly ScoringItem[],
    { maxLength, signal }: { maxLength: number; signal?: AbortSignal },
  ): Promise<Score[]> {
    const limit = Math.min(maxLength, this.#maxPositions);
    const scores: Score[] = [], known = new Map<string, number>();
    for (const item of items) {
      const { tokens, truncated } = await fitToLength(
        item,
        limit,
        (chat, options) => this.#encode(chat, { limit, ...options }),
      );
      const text = tokens.join();
      // Replies to one prompt are often the same.
      const score = known.get(text) ?? await this.#score(tokens, signal);
      known.set(text, score);
      scores.push({ score, truncated });
    }
    return scores;
  }

  tokensOf({ prompt, answer }: ScoringItem): Promise<readonly number[]> {
    const chat = [...prompt, { role: "assistant" as const, content: answer }];
    return Promise.resolve(
      this.#encode(chat, { limit: this.#maxPositions, addGenerationPrompt: false }),
    );
  }

  /** Fails what is unfinished and frees the model's memory. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#classifier.close();
  }

  async #score(tokens: readonly number[], signal: AbortSignal | undefined): Promise<number> {
    signal?.throwIfAborted();
    if (this.#closed) throw new ModelError("fatal", "the reward model is closed");
    const score = await this.#classifier.run(tokens).catch((cause) => {
      throw new ModelError("fatal", `the reward model failed: ${messageOf(cause)}`, { cause });
    });
    if (Number.isFinite(score)) return score;
    throw new ModelError("reject", `the reward is ${score}`, { reason: "not_finite" });
  }

  #encode(
    messages: ScoringItem["prompt"],
    { limit, addGenerationPrompt }: { limit: number; addGenerationPrompt: boolean },
  ): number[] {
    const text = renderChat(this.#template, messages, { addGenerationPrompt });
    const { bosToken } = this.#tokenizer;
    const hasBos = bosToken !== null && text.startsWith(bosToken);
    const addSpecial = bosToken !== null && !hasBos;
    return encodeAtMost(this.#tokenizer, text, limit, { addSpecial });
  }
}
