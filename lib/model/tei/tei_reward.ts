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
  versionOf,
} from "../server/served_reward.ts";
import { serverUrls } from "../call/base_urls.ts";
import { ServerClient, type ServerOptions } from "../server/server_client.ts";
import { headerKey } from "../withhold_key.ts";

/** How a reward model on TEI is reached. */
export interface TeiRewardOptions extends ServerOptions {
  /** The model's name or folder, as its server was started with. */
  name: string;
  /** Folder with its tokenizer and chat template: TEI renders no chats. */
  tokenizer: string;
}

/** `/info`, as `router/src/lib.rs` of TEI writes it: a model of one label is a `reranker`. */
const Labels = z.object({ id2label: z.record(z.string(), z.string()) });
const Info = z.object({
  model_id: z.string(),
  model_sha: z.string().nullish(),
  model_dtype: z.string().nullish(),
  model_type: z.union([
    z.object({ reranker: Labels }),
    z.object({ classifier: Labels }),
    z.object({ embedding: z.unknown() }),
  ]),
  max_input_length: z.number().int().positive(),
  max_client_batch_size: z.number().int().positive(),
});
type Info = z.infer<typeof Info>;

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
  const key = headerKey("TEI_API_KEY", context.env("TEI_API_KEY"));
  const client = new ServerClient({ fetch: context.fetch, key });
  const { pool, infos } = await findSingleModelServers({
    name,
    urls: serverUrls(options.baseUrls),
    context,
    ask: async (url) => {
      const info = Info.safeParse(await client.get(url, "/info"));
      if (!info.success) throw new InputError(`${url}/info: not a TEI server`);
      checkOneLabel(url, info.data);
      return { model: info.data.model_id, ...info.data };
    },
  });
  const renderer = await openRewardRenderer(options.tokenizer);
  const length = Math.min(...infos.map((info) => info.max_input_length));
  const batch = Math.min(...infos.map((info) => info.max_client_batch_size));
  const wire = new PredictWire(name, client, renderer, length, batch);
  const version = versionOf(
    infos.map(({ model_id, model_sha, model_dtype }) => [model_id, model_sha, model_dtype]),
  );
  return await ServedReward.open({ name, version }, wire, pool, context);
}

/** TEI calls a classifier of one label a reranker; its scores come from `/predict` all the same. */
function checkOneLabel(url: string, { model_id, model_type }: Info): void {
  if ("reranker" in model_type) return;
  if ("embedding" in model_type) {
    throw new InputError(`${url}: ${model_id} is served as embedding, no classifier`);
  }
  const labels = Object.keys(model_type.classifier.id2label).length;
  if (labels !== 1) {
    throw new InputError(`${url}: ${model_id} has ${labels} labels, not one score`);
  }
}

interface PredictItem extends Prepared {
  input: string;
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
    const { bareText, truncated } = await this.renderer.render(item, maxLength);
    return { input: bareText, truncated };
  }

  async ask(
    url: string,
    items: readonly PredictItem[],
    raw: boolean,
    signal?: AbortSignal,
  ): Promise<number[]> {
    const where = `${url}/predict`;
    const body = {
      inputs: items.map(({ input }) => [input]),
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
