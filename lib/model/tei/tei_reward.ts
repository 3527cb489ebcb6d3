/** A reward model on Hugging Face's text-embeddings-inference (TEI). */
import { z } from "zod";
import { InputError } from "../../core/errors.ts";
import { serverUrls } from "../call/base_urls.ts";
import type { RewardModel } from "../reward_model.ts";
import { openPool, singleModel } from "../server/open_pool.ts";
import { openRewardRenderer } from "../server/reward_input.ts";
import { askScores, openServedReward, versionOf } from "../server/served_reward.ts";
import { ServerClient, type ServerOptions } from "../server/server_client.ts";

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

const Predicted = z.array(
  z.array(z.object({ score: z.number() }).transform(({ score }) => score)),
);

/**
 * Opens a reward model behind TEI's `/predict`, with `raw_scores` (the default is a sigmoid). Each
 * text goes in a list of its own, as two texts side by side would be one pair. Throws `InputError`
 * where nothing answers, the model is another or no classifier, or the scores are squashed.
 *
 * A server wants its key in TEI_API_KEY.
 */
export async function teiReward(options: TeiRewardOptions): Promise<RewardModel> {
  const { name, context, baseUrls, tokenizer } = options;
  const client = new ServerClient("TEI_API_KEY", context);
  const { pool, infos } = await openPool({
    name,
    urls: serverUrls(baseUrls),
    context,
    ask: async (url) => {
      const info = Info.safeParse(await client.get(url, "/info"));
      if (!info.success) throw new InputError(`${url}/info: not a TEI server`);
      checkOneLabel(url, info.data);
      return singleModel(info.data.model_id, name, info.data);
    },
  });
  const renderer = await openRewardRenderer(tokenizer), all = [...infos.values()];
  const version = versionOf(
    all.map(({ model_id, model_sha, model_dtype }) => [model_id, model_sha, model_dtype]),
  );
  return await openServedReward(
    { name, version },
    {
      batch: Math.min(...all.map((info) => info.max_client_batch_size)),
      hasSwitch: true,
      contextLength: Math.min(...all.map((info) => info.max_input_length)),
      prepare: renderer.renderBare,
      ask(url, items, raw, signal) {
        const inputs = items.map(({ input }) => [input]);
        const body = { inputs, raw_scores: raw, truncate: true, truncation_direction: "Right" };
        const request = { client, url, route: "/predict", body, schema: Predicted };
        return askScores({ ...request, name, asked: items.length, signal });
      },
    },
    pool,
    context,
  );
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
