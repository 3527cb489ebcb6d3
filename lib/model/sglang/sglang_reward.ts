/** A reward model on SGLang: `python -m sglang.launch_server --is-embedding`. */
import { z } from "zod";
import { InputError, ModelError } from "../../core/errors.ts";
import type { RewardModel, ScoringItem } from "../reward_model.ts";
import { findSingleModelServers } from "../server/find_single_model.ts";
import { openRewardRenderer, type RewardRenderer } from "../server/reward_input.ts";
import {
  checkedScores,
  type Prepared,
  type RewardWire,
  ServedReward,
  versionOf,
} from "../server/served_reward.ts";
import { serverUrls } from "../call/base_urls.ts";
import { ServerClient, type ServerOptions } from "../server/server_client.ts";
import { headerKey } from "../withhold_key.ts";

/** How a reward model on SGLang is reached. */
export interface SglangRewardOptions extends ServerOptions {
  /** The model's name or folder, as its server was started with. */
  name: string;
  /** Folder with its tokenizer and chat template: SGLang renders no chats for `/classify`. */
  tokenizer: string;
}

const ModelInfo = z.object({ model_path: z.string(), weight_version: z.string().nullish() });
const Classified = z.array(z.object({ embedding: z.array(z.number()) }));

/**
 * Opens a reward model behind SGLang's own `/classify`, whose scores are raw. Its other route,
 * `/v1/classify`, puts them through a softmax, so that one label always reads 1.0: it is not used.
 * SGLang's tokenizer adds a BOS to each text, so the template's own is taken off. Throws
 * `InputError` where nothing answers, the model is another, or the scores are squashed.
 *
 * A server wants its key in SGLANG_API_KEY.
 */
export async function sglangReward(options: SglangRewardOptions): Promise<RewardModel> {
  const { name, context } = options;
  const key = headerKey("SGLANG_API_KEY", context.env("SGLANG_API_KEY"));
  const client = new ServerClient({ fetch: context.fetch, key });
  const { pool, infos } = await findSingleModelServers({
    name,
    urls: serverUrls(options.baseUrls),
    context,
    ask: async (url) => {
      const info = ModelInfo.safeParse(await client.get(url, "/get_model_info"));
      if (!info.success) throw new InputError(`${url}/get_model_info: not an SGLang server`);
      return { model: info.data.model_path, weights: info.data.weight_version ?? null };
    },
  });
  const wire = new SglangWire(name, client, await openRewardRenderer(options.tokenizer));
  const version = versionOf(infos);
  return await ServedReward.open({ name, version }, wire, pool, context);
}

interface SglangItem extends Prepared {
  input: string;
}

class SglangWire implements RewardWire<SglangItem> {
  readonly batch = 64;
  readonly hasSwitch = false;
  /** It does not tell; a text beyond it is refused. */
  readonly contextLength = Infinity;

  constructor(
    readonly name: string,
    readonly client: ServerClient,
    readonly renderer: RewardRenderer,
  ) {}

  async prepare(item: ScoringItem, maxLength: number): Promise<SglangItem> {
    const { bareText, truncated } = await this.renderer.render(item, maxLength);
    return { input: bareText, truncated };
  }

  async ask(
    url: string,
    items: readonly SglangItem[],
    _raw: boolean,
    signal?: AbortSignal,
  ): Promise<number[]> {
    const where = `${url}/classify`;
    const body = { model: this.name, text: items.map(({ input }) => input) };
    const parsed = Classified.safeParse(await this.client.post(url, "/classify", body, { signal }));
    if (!parsed.success) throw new ModelError("retry", `${where}: not a list of scores`);
    const scores = parsed.data.map(({ embedding }) => {
      if (embedding.length === 1) return embedding[0]!;
      throw new InputError(
        `${where}: ${this.name} gives ${embedding.length} numbers, not one score`,
      );
    });
    return checkedScores(where, scores, items.length);
  }
}
