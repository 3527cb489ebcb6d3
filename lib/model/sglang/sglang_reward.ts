/** A reward model on SGLang: `python -m sglang.launch_server --is-embedding`. */
import { z } from "zod";
import { InputError } from "../../core/errors.ts";
import { serverUrls } from "../call/base_urls.ts";
import type { RewardModel } from "../reward_model.ts";
import { openPool, singleModel } from "../server/open_pool.ts";
import { openRewardRenderer } from "../server/reward_input.ts";
import { askScores, openServedReward, versionOf } from "../server/served_reward.ts";
import { ServerClient, type ServerOptions } from "../server/server_client.ts";

/** How a reward model on SGLang is reached. */
export interface SglangRewardOptions extends ServerOptions {
  /** The model's name or folder, as its server was started with. */
  name: string;
  /** Folder with its tokenizer and chat template: SGLang renders no chats for `/classify`. */
  tokenizer: string;
}

const ModelInfo = z.object({ model_path: z.string(), weight_version: z.string().nullish() });
const Classified = z.array(
  z.object({ embedding: z.array(z.number()) }).transform(({ embedding }) => embedding),
);

/**
 * Opens a reward model behind SGLang's own `/classify`, whose scores are raw. Its other route,
 * `/v1/classify`, puts them through a softmax, so that one label always reads 1.0: it is not used.
 * SGLang's tokenizer adds a BOS to each text, so the template's own is taken off. Throws
 * `InputError` where nothing answers, the model is another, or the scores are squashed.
 *
 * A server wants its key in SGLANG_API_KEY.
 */
export async function sglangReward(options: SglangRewardOptions): Promise<RewardModel> {
  const { name, context, baseUrls, tokenizer } = options;
  const client = new ServerClient("SGLANG_API_KEY", context);
  const { pool, infos } = await openPool({
    name,
    urls: serverUrls(baseUrls),
    context,
    ask: async (url) => {
      const info = ModelInfo.safeParse(await client.get(url, "/get_model_info"));
      if (!info.success) throw new InputError(`${url}/get_model_info: not an SGLang server`);
      const { model_path: model, weight_version: weights = null } = info.data;
      return singleModel(model, name, { model, weights });
    },
  });
  const renderer = await openRewardRenderer(tokenizer);
  return await openServedReward(
    { name, version: versionOf(infos.values()) },
    {
      batch: 64,
      hasSwitch: false,
      // It does not tell; a text beyond it is refused.
      contextLength: Infinity,
      prepare: renderer.renderBare,
      ask(url, items, _raw, signal) {
        const body = { model: name, text: items.map(({ input }) => input) };
        const request = { client, url, route: "/classify", body, schema: Classified };
        return askScores({ ...request, name, asked: items.length, signal });
      },
    },
    pool,
    context,
  );
}
