/** A reward model on vLLM: `vllm serve DIR --runner pooling --convert classify`. */
import { Buffer } from "node:buffer";
import { z } from "zod";
import { InputError, ModelError } from "../../core/errors.ts";
import type { Message } from "../../core/records.ts";
import { wireMessages } from "../call/wire_messages.ts";
import { fitToLength, judgedChat } from "../fit_to_length.ts";
import type { RewardModel, ScoringItem } from "../reward_model.ts";
import { openRewardRenderer, type RewardRenderer } from "../server/reward_input.ts";
import {
  askScores,
  openServedReward,
  type Prepared,
  type RewardWire,
  versionOf,
} from "../server/served_reward.ts";
import type { ServerClient, ServerOptions } from "../server/server_client.ts";
import type { ServerPool } from "../server/server_pool.ts";
import { openServed } from "./served_models.ts";

/** How a reward model on vLLM is reached. */
export interface VllmRewardOptions extends ServerOptions {
  /** The model's name at its servers. */
  name: string;
  /** Folder with its tokenizer and chat template; the server's own template where not given. */
  tokenizer?: string;
}

/**
 * Opens a reward model behind vLLM's `/classify`, with raw scores (`use_activation: false`; the
 * default is a sigmoid). Throws `InputError` where nothing answers, the name is another, the model
 * gives no single score, or the scores are squashed.
 *
 * Texts over `maxLength` tokens are cut by `fitToLength`, by the server's context where that is
 * shorter.
 */
export async function vllmReward(options: VllmRewardOptions): Promise<RewardModel> {
  const { name, context, tokenizer } = options;
  const { client, pool, served } = await openServed(options);
  const lengths = [...served.values()].map(({ maxModelLen }) => maxModelLen ?? Infinity);
  const renderer = tokenizer ? await openRewardRenderer(tokenizer) : null;
  const wire = new ClassifyWire(name, client, pool, renderer, Math.min(...lengths));
  const version = versionOf(served.values());
  return await openServedReward({ name, version }, wire, pool, context);
}

/** A chat by its text, by its tokens where it was cut, or by its messages for the server. */
interface ClassifyItem extends Prepared {
  input: string | number[] | { messages: { role: string; content: string }[] };
}

const Classified = z.object({
  data: z.array(z.object({ index: z.number(), probs: z.array(z.number()) })),
}).transform(({ data }) => data.toSorted((a, b) => a.index - b.index).map(({ probs }) => probs));
const Tokens = z.object({ tokens: z.array(z.number()) });

/** Tokens that a template may write around one message. */
const TEMPLATE_TOKENS = 64;

class ClassifyWire implements RewardWire<ClassifyItem> {
  readonly batch = 64;
  readonly hasSwitch = true;

  constructor(
    readonly name: string,
    readonly client: ServerClient,
    readonly pool: ServerPool,
    readonly renderer: RewardRenderer | null,
    readonly contextLength: number,
  ) {}

  async prepare(item: ScoringItem, maxLength: number, signal?: AbortSignal): Promise<ClassifyItem> {
    if (this.renderer) {
      const { text, ids, truncated } = await this.renderer.render(item, maxLength);
      return { input: truncated ? ids : text, truncated };
    }
    const messages = judgedChat(item);
    const most = messages.reduce(
      (sum, { content }) => sum + Buffer.byteLength(content) + TEMPLATE_TOKENS,
      0,
    );
    if (most <= maxLength) return { input: { messages: wireMessages(messages) }, truncated: false };
    const { tokens, truncated } = await fitToLength(
      item,
      maxLength,
      (chat, options) => this.#tokenized(chat, options, signal),
    );
    return { input: [...tokens], truncated };
  }

  /** The tokens of a chat by the server's own template. */
  async #tokenized(
    messages: readonly Message[],
    { addGenerationPrompt }: { addGenerationPrompt: boolean },
    signal: AbortSignal | undefined,
  ): Promise<number[]> {
    const body = {
      model: this.name,
      messages: wireMessages(messages),
      add_generation_prompt: addGenerationPrompt,
    };
    return await this.pool.run(async (url, either) => {
      const json = await this.client.post(url, "/tokenize", body, { signal: either });
      const parsed = Tokens.safeParse(json);
      if (parsed.success) return parsed.data.tokens;
      throw new ModelError("retry", `${url}/tokenize: not a list of tokens`);
    }, signal);
  }

  async ask(
    url: string,
    items: readonly ClassifyItem[],
    raw: boolean,
    signal?: AbortSignal,
  ): Promise<number[]> {
    // A request holds texts, or token lists, or one chat: never two of these.
    const texts = items.filter(({ input }) => typeof input === "string");
    const tokens = items.filter(({ input }) => Array.isArray(input));
    const chats = items.filter(({ input }) => typeof input === "object" && "messages" in input);
    const scores = new Map<ClassifyItem, number>();
    const send = async (part: readonly ClassifyItem[], body: object) => {
      if (part.length === 0) return;
      const found = await this.#classify(url, body, part.length, raw, signal);
      part.forEach((item, at) => scores.set(item, found[at]!));
    };
    await Promise.all([
      send(texts, { input: texts.map(({ input }) => input) }),
      send(tokens, { input: tokens.map(({ input }) => input) }),
      ...chats.map((chat) =>
        send([chat], { ...(chat.input as object), add_generation_prompt: false })
      ),
    ]);
    return items.map((item) => scores.get(item)!);
  }

  async #classify(
    url: string,
    input: object,
    asked: number,
    raw: boolean,
    signal?: AbortSignal,
  ): Promise<number[]> {
    const { name, client } = this;
    const body = {
      model: name,
      ...input,
      // `activation` is the name that older versions know; newer ones ignore it.
      use_activation: !raw,
      activation: !raw,
      add_special_tokens: false,
    };
    const request = { client, url, route: "/classify", body, schema: Classified };
    try {
      return await askScores({ ...request, name, asked, signal });
    } catch (error) {
      if (!(error instanceof ModelError && / 404 /.test(error.message))) throw error;
      throw new InputError(
        `${url}/classify: not found: serve the reward model with --runner pooling --convert classify`,
      );
    }
  }
}
