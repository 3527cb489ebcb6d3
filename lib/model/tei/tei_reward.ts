/** A reward model on Hugging Face's text-embeddings-inference (TEI). */
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
} from "../server/served_reward.ts";
import { serverUrls } from "../call/base_urls.ts";
import { ServerClient, type ServerOptions } from "../server/server_client.ts";

/** How a reward model on TEI is reached. */
export interface TeiRewardOptions extends ServerOptions {
  /** The model's name or folder, as its server was started with. */
  name: string;
  /** Folder with its tokenizer and chat template: TEI renders no chats. */
  tokenizer: string;
}

const Info = z.object({
  model_id: z.string(),
  model_type: z.record(z.string(), z.unknown()).optional(),
  max_input_length: z.number().int().positive().optional(),
  max_client_batch_size: z.number().int().positive().default(32),
});

const Predicted = z.array(z.array(z.object({ score: z.number() })));

/**
 * Opens a reward model behind TEI's `/predict`, with `raw_scores` (the default is a sigmoid). Each
 * text goes in a list of its own, as two texts side by side would be one pair. Throws `InputError`
 * where nothing answers, the model is another or no classifier, or the scores are squashed.
 *
 * A server wants its key in TEI_API_KEY.
 */
export async function teiReward(options: TeiRewardOptions): Promise<RewardModel> {
  const { name, context } = options;
  const client = new ServerClient({ fetch: context.fetch, key: context.env("TEI_API_KEY") });
  const { pool, infos } = await findSingleModelServers({
    name,
    urls: serverUrls(options.baseUrls),
    context,
    ask: async (url) => {
      const info = Info.safeParse(await client.get(url, "/info"));
      if (!info.success) throw new InputError(`${url}/info: not a TEI server`);
      const kind = Object.keys(info.data.model_type ?? { classifier: {} })[0];
      if (kind !== "classifier") {
        throw new InputError(`${url}: ${info.data.model_id} is served as ${kind}, no classifier`);
      }
      return { model: info.data.model_id, ...info.data };
    },
  });
  const renderer = await openRewardRenderer(options.tokenizer);
  const length = Math.min(...infos.map((info) => info.max_input_length ?? Infinity));
  const batch = Math.min(...infos.map((info) => info.max_client_batch_size));
  const wire = new PredictWire(name, client, renderer, length, batch);
  return await ServedReward.open(name, wire, pool, context.log);
}

interface PredictItem extends Prepared {
  text: string;
}

class PredictWire implements RewardWire<PredictItem> {
  readonly hasSwitch = true;

  constructor(
    readonly name: string,
    readonly client: ServerClient,
    readonly renderer: RewardRenderer,
    readonly contextLength: number,
    readonly batch: number,
  ) {}

  async prepare(item: ScoringItem, maxLength: number): Promise<PredictItem> {
    const length = Math.min(maxLength, this.contextLength);
    const { bareText, truncated } = await this.renderer.render(item, length);
    return { text: bareText, truncated };
  }

  async ask(
    url: string,
    items: readonly PredictItem[],
    raw: boolean,
    signal?: AbortSignal,
  ): Promise<number[]> {
    const where = `${url}/predict`;
    const body = {
      inputs: items.map(({ text }) => [text]),
      raw_scores: raw,
      truncate: true,
      truncation_direction: "Right",
    };
    const parsed = Predicted.safeParse(await this.client.post(url, "/predict", body, { signal }));
    if (!parsed.success) throw new ModelError("retry", `${where}: not a list of scores`);
    const scores = parsed.data.map((labels) => {
      if (labels.length === 1) return labels[0]!.score;
      throw new InputError(`${where}: ${this.name} gives ${labels.length} numbers, not one score`);
    });
    return checkedScores(where, scores, items.length);
  }
}
